import { createReportRecord, decodeReport, encodeFrame, sampleColumns } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SdkError } from './sdk-error.js'
import type { VehicleSample } from './vehicle-sample.js'
import { toWireSample } from './wire-sample.js'

const nowMs = 1_767_225_600_000
const columns = sampleColumns.filter(column => column.name !== 'offsetMs')
const publicName = (name: string) => ({ latitudeDeg: 'latitude', longitudeDeg: 'longitude' })[name] ?? name

/** A sample as the node's own decoder reads it. */
function throughTheWire(sample: VehicleSample) {
  const wired = toWireSample(sample, nowMs)
  const frame = encodeFrame('telemetry', {
    number: 1,
    timeMs: wired.timeMs,
    samples: [{ ...wired.sample, timeOffsetMs: 0 }],
    verdicts: [...wired.verdicts],
  })
  const record = createReportRecord()
  expect([decodeReport(frame.subarray(1), record), record.problemField]).toEqual(['ok', ''])
  return record
}

function refusedField(sample: VehicleSample): string | undefined {
  try {
    toWireSample(sample, nowMs)
    return undefined
  } catch (error) {
    expect((error as SdkError).code).toBe('out_of_range')
    return (error as SdkError).field
  }
}

const valid = fc.record(
  Object.fromEntries(
    columns.map(column => [
      publicName(column.name),
      fc.option(fc.double({ min: column.min / column.perUnit, max: column.max / column.perUnit, noNaN: true }), { nil: undefined }),
    ]),
  ),
)

test('every valid value arrives within half a step, and what is missing stays missing', () => {
  fc.assert(
    fc.property(valid, given => {
      const sample = given as Record<string, number | undefined>
      const wiper = sample.wiper === undefined ? undefined : Math.round(sample.wiper)
      const whole =
        sample.latitude === undefined || sample.longitude === undefined ? { ...sample, latitude: undefined, longitude: undefined } : sample
      const record = throughTheWire({ ...whole, wiper } as VehicleSample) as unknown as Record<string, Float64Array>
      for (const column of columns) {
        const asked = column.name === 'wiper' ? wiper : (whole as Record<string, number | undefined>)[publicName(column.name)]
        const got = record[column.name]![0]!
        if (asked === undefined) expect(got).toBeNaN()
        else if (column.name === 'accuracyM') expect(got - asked).toBeGreaterThanOrEqual(-1e-9)
        else if (column.name === 'headingDeg')
          expect(Math.min(Math.abs(got - asked), 360 - Math.abs(got - asked))).toBeLessThanOrEqual(0.05 + 1e-9)
        else expect(Math.abs(got - asked)).toBeLessThanOrEqual(0.5 / column.perUnit + 1e-9)
      }
    }),
  )
})

describe('refused by the field’s name', () => {
  test.each(columns.map(column => [publicName(column.name), column] as const))('%s', (name, column) => {
    const partner = name === 'latitude' ? { longitude: 0 } : name === 'longitude' ? { latitude: 0 } : {}
    const step = 2 / column.perUnit
    // A heading just over its end rounds to north.
    const tooLarge = name === 'headingDeg' ? 360.1 : column.max / column.perUnit + step
    expect(refusedField({ ...partner, [name]: tooLarge })).toBe(name)
    expect(refusedField({ ...partner, [name]: column.min / column.perUnit - step })).toBe(name)
    expect(refusedField({ ...partner, [name]: Number.POSITIVE_INFINITY })).toBe(name)
    expect(refusedField({ ...partner, [name]: '5' as unknown as number })).toBe(name)
    expect(refusedField({ [name]: Number.NaN })).toBeUndefined()
  })

  test.each<[string, VehicleSample]>([
    ['latitude', { longitude: 9 }],
    ['longitude', { latitude: 53, longitude: Number.NaN }],
    ['timeMs', { timeMs: -1 }],
    ['roadSurface', { roadSurface: 'lava' as never }],
    ['roadSurface', { roadSurface: 'constructor' as never }],
    ['flags[1]', { flags: ['abs', 'horn' as never] }],
    ['observations', { observations: Array.from({ length: 5 }, () => ({ cause: 11, source: 'driver' as const })) }],
    ['observations[0].cause', { observations: [{ cause: 0, source: 'driver' }] }],
    ['observations[0].cause', { observations: [{ cause: 'moose' as never, source: 'driver' }] }],
    ['observations[0].subCause', { observations: [{ cause: 11, subCause: 256, source: 'driver' }] }],
    ['observations[0].distanceM', { observations: [{ cause: 11, distanceM: 1_001, source: 'driver' }] }],
    ['observations[0].source', { observations: [{ cause: 11, source: 'rumour' as never }] }],
    ['verdicts[0].alert', { verdicts: [{ alert: { id: 'nonsense', revision: 1 }, verdict: 'gone' }] }],
    ['verdicts[0].verdict', { verdicts: [{ alert: { id: 'n/00000001/1', revision: 1 }, verdict: 'maybe' as never }] }],
  ])('%s', (field, sample) => expect(refusedField(sample)).toBe(field))
})

test('flags, observations and verdicts arrive as said', () => {
  const record = throughTheWire({
    flags: ['hazard_lights', 'reverse', 'reverse'],
    observations: [{ cause: 'humanPresenceOnTheRoad', subCause: 4, distanceM: 45.04, source: 'camera' }],
    verdicts: [{ alert: { id: 'n/00000001/2', revision: 3 }, verdict: 'gone' }],
    roadSurface: 'wet_ice',
  })
  expect(record.observationCount).toBe(1)
  expect(record.observationCause[0]).toBe(12)
  expect(record.observationDistanceM[0]).toBeCloseTo(45)
  expect(record.verdicts).toHaveLength(1)
})

test('360 degrees is north, and what rounds up to it too', () => {
  expect(throughTheWire({ headingDeg: 360 }).headingDeg[0]).toBe(0)
  expect(throughTheWire({ headingDeg: 359.96 }).headingDeg[0]).toBe(0)
})
