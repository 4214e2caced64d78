// What a sample says is what the node's own decoder reads, within the wire's steps; what is missing stays missing.
import { createReportRecord, decodeReport, flagBit } from '@outrider/protocol'
import { flagBits, readTrace, type TrafficSample, traceCsvHeader, traceCsvRow } from '@outrider/traffic'
import { expect, test } from 'vitest'
import { encodeSample, isUrgent } from './sample-report.js'

const bare: TrafficSample = { timeS: 0, vehicleId: 'v', enrolment: 'v', lat: 53.5, lon: -9.9 }
const full: TrafficSample = {
  ...bare,
  headingDeg: 359.96,
  speedMps: 163.81,
  accelMps2: -120,
  latAccelMps2: -0.001,
  yawRateDegps: -12.34,
  vertAccelRmsMps2: 1.5,
  altM: -3.25,
  hAccM: 2.31,
  lengthM: 18.7,
  role: 'emergency',
  flags: flagBits.abs | flagBits.ignition_off,
  friction: 0.2,
  airTempC: -7.5,
  wiper: 0,
  rain: 1,
  visibilityM: 40_000,
  roadSurface: 'WET_ICE',
  report: { cause: 11, subCause: 1, aheadM: 80 },
}

function read(sample: TrafficSample) {
  const record = createReportRecord()
  const frame = encodeSample(sample, 7, 1_790_000_000_000, false)
  expect([decodeReport(frame.subarray(1), record), record.problemField]).toEqual(['ok', ''])
  return record
}

test('all values arrive; what is beyond the wire is cut to its end', () => {
  const record = read(full)
  expect(record).toMatchObject({ number: 7, timeMs: 1_790_000_000_000, role: 7, sampleCount: 1, lengthM: 18.7, observationCount: 1 })
  const first = Object.fromEntries(
    Object.entries(record).flatMap(([name, column]) => (ArrayBuffer.isView(column) ? [[name, (column as Float64Array)[0]]] : [])),
  )
  expect(first).toMatchObject({
    latitudeDeg: 53.5,
    longitudeDeg: -9.9,
    headingDeg: 0,
    speedMps: 163.81,
    accelMps2: -80,
    lateralAccelMps2: 0,
    yawRateDegps: -12.34,
    roughnessMps2: 1.5,
    altitudeM: -3.25,
    accuracyM: 2.4,
    flags: flagBit('abs') | flagBit('ignition_off'),
    friction: 0.2,
    airTemperatureC: -7.5,
    wiper: 0,
    rain: 1,
    visibilityM: 10_000,
    roadSurface: 6,
    observationCause: 11,
    observationSubCause: 1,
    observationDistanceM: 80,
  })
})

test('what is missing stays missing', () => {
  const record = read(bare)
  for (const name of ['headingDeg', 'speedMps', 'accelMps2', 'altitudeM', 'accuracyM', 'friction', 'wiper', 'rain', 'visibilityM'] as const)
    expect([name, record[name][0]]).toEqual([name, Number.NaN])
  expect([record.flags[0], record.role, record.roadSurface[0], record.observationCount]).toEqual([0, 0, 0, 0])
  expect(read({ ...bare, lengthM: 150 }).lengthM).toBeNaN()
})

test('every value that a trace may hold is a report that a node takes', async () => {
  const ends = [
    { ...full, headingDeg: 0, speedMps: 0, accelMps2: 150, altM: 8_000, hAccM: 1_000, lengthM: 0.1, airTempC: 70, yawRateDegps: 327.66 },
    { ...full, latAccelMps2: -150, altM: -500, hAccM: 0, lengthM: 200, airTempC: -90, yawRateDegps: -327.66, friction: 0, visibilityM: 0 },
  ].map((sample, index) => ({ ...sample, timeS: index, report: { cause: 255, subCause: 255, aheadM: 1_000 } }))
  const reading = readTrace([`${traceCsvHeader}\n${ends.map(traceCsvRow).join('\n')}\n`])
  const samples: TrafficSample[] = []
  for await (const sample of reading.samples) samples.push(sample)
  expect(reading.report()).toMatchObject({ rejectedRows: 0, rejectedValues: 0, samples: 2 })
  for (const sample of samples) read(sample)
})

test('urgent: an event flag that comes on, or a report of what was seen; never a state', () => {
  expect(isUrgent({ ...bare, flags: flagBits.abs }, 0)).toBe(true)
  expect(isUrgent({ ...bare, flags: flagBits.abs }, flagBits.abs)).toBe(false)
  expect(isUrgent({ ...bare, flags: flagBits.siren }, 0)).toBe(false)
  expect(isUrgent({ ...bare, report: { cause: 10, subCause: 0 } }, 0)).toBe(true)
})
