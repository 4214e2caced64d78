// The hot decode against the generated decoder: whatever the bytes, both read the same report or both refuse it.
import fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { describe, expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { decodeReport } from './decode-report.js'
import { lastFlag } from './flags.js'
import { observationsPerSampleMax, sampleColumns, samplesMax, timeMsMax, verdictsMax } from './report-limits.js'
import type { ReportRecord } from './report-record.js'
import { createReportRecord } from './report-record.js'

const { Report } = outrider.v1
type Report = ReturnType<typeof Report.decode>
type Sample = outrider.v1.Sample.$Properties
type Write = (writer: protobuf.Writer) => void

/** One record for all tests: what one report leaves in it must not show in the next. */
const record = createReportRecord()

/** What was read, or why not, in one comparable shape. */
function fast(bytes: Uint8Array): unknown {
  const outcome = decodeReport(bytes, record)
  return outcome === 'ok' ? snapshot(record) : outcome === 'malformed' ? { outcome } : { outcome, field: record.problemField }
}

function snapshot(from: ReportRecord): unknown {
  return {
    number: from.number,
    timeMs: from.timeMs,
    lengthM: from.lengthM,
    role: from.role,
    samples: Array.from({ length: from.sampleCount }, (_, row) => ({
      ...Object.fromEntries(sampleColumns.map(({ name }) => [name, from[name][row]])),
      flags: from.flags[row],
      roadSurface: from.roadSurface[row],
    })),
    observations: Array.from({ length: from.observationCount }, (_, at) => [
      from.observationSample[at],
      from.observationCause[at],
      from.observationSubCause[at],
      from.observationDistanceM[at],
      from.observationSource[at],
    ]),
    verdicts: from.verdicts.map(verdict => ({ ...verdict })),
  }
}

/** The same from the generated decoder's objects, written as plainly as possible. */
function reference(bytes: Uint8Array): unknown {
  let report: Report
  try {
    report = Report.decode(bytes)
  } catch {
    return { outcome: 'malformed' }
  }
  const problem = findProblem(report)
  if (problem !== undefined) return problem
  return {
    number: report.number,
    timeMs: report.timeMs,
    lengthM: scale(report.vehicleLengthDm, 10),
    role: report.role,
    samples: report.samples.map(sample => ({
      ...Object.fromEntries(sampleColumns.map(({ name, field, perUnit }) => [name, scale(sample[field], perUnit)])),
      flags: (sample.flags ?? []).reduce((mask, flag) => (flag >= 1 && flag <= lastFlag ? mask | (1 << (flag - 1)) : mask), 0) >>> 0,
      roadSurface: [1, 2, 3, 4, 5, 6, 7].includes(sample.roadSurface ?? 0) ? sample.roadSurface : 0,
    })),
    observations: report.samples.flatMap((sample, row) =>
      (sample.observations ?? []).map(seen => [row, seen.cause, seen.subCause, scale(seen.distanceDm, 10), seen.source]),
    ),
    verdicts: report.verdicts.map(verdict => ({ ...verdict })),
  }
}

function scale(value: number | null | undefined, perUnit: number): number {
  return value === null || value === undefined ? Number.NaN : value / perUnit
}

function findProblem(report: Report): { outcome: string; field: string } | undefined {
  if (report.number === 0) return { outcome: 'missing', field: 'number' }
  if (!(report.timeMs >= 0 && report.timeMs <= timeMsMax)) return { outcome: 'out_of_range', field: 'timeMs' }
  if (report.samples.length < 1 || report.samples.length > samplesMax) return { outcome: 'wrong_count', field: 'samples' }
  const length = report.vehicleLengthDm ?? 1
  if (length < 1 || length > 1022) return { outcome: 'out_of_range', field: 'vehicleLengthDm' }
  if (report.verdicts.length > verdictsMax) return { outcome: 'wrong_count', field: 'verdicts' }
  const inSamples = report.samples.map((sample, row) => findSampleProblem(sample, `samples[${row}]`))
  const inObservations = report.samples.map((sample, row) => findObservationProblem(sample, `samples[${row}].observations`))
  return [...inSamples, ...inObservations].find(problem => problem !== undefined)
}

function findSampleProblem(sample: Sample, path: string): { outcome: string; field: string } | undefined {
  for (const { field, min, max } of sampleColumns) {
    const value = sample[field] ?? min
    if (value < min || value > max) return { outcome: 'out_of_range', field: `${path}.${field}` }
  }
  const [latitude, longitude] = [sample.latitudeE7 ?? undefined, sample.longitudeE7 ?? undefined]
  if ((latitude === undefined) === (longitude === undefined)) return undefined
  return { outcome: 'missing', field: `${path}.${latitude === undefined ? 'latitudeE7' : 'longitudeE7'}` }
}

function findObservationProblem(sample: Sample, path: string): { outcome: string; field: string } | undefined {
  for (const [index, seen] of (sample.observations ?? []).entries()) {
    if (index === observationsPerSampleMax) return { outcome: 'wrong_count', field: path }
    const { cause = 0, subCause = 0, distanceDm } = seen
    if (cause! < 0 || cause! > 255) return { outcome: 'out_of_range', field: `${path}[${index}].cause` }
    if (subCause! > 255) return { outcome: 'out_of_range', field: `${path}[${index}].subCause` }
    if ((distanceDm ?? 0) > 10_000) return { outcome: 'out_of_range', field: `${path}[${index}].distanceDm` }
  }
  return undefined
}

/** Mostly values a field may have, now and then any 32 bits. */
function whole(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min, max }) },
    { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }) },
  )
}

function varint(number: number, values: fc.Arbitrary<number>): fc.Arbitrary<Write> {
  return values.map(value => writer => writer.uint32(number * 8).uint32(value >>> 0))
}

function zigzag(number: number, values: fc.Arbitrary<number>): fc.Arbitrary<Write> {
  return values.map(value => writer => writer.uint32(number * 8).sint32(value | 0))
}

function fixed(number: number, values: fc.Arbitrary<number>): fc.Arbitrary<Write> {
  return values.map(value => writer => writer.uint32(number * 8 + 5).sfixed32(value | 0))
}

/** A length-delimited field: a message or packed list of these parts in this order. */
function nested(number: number, parts: fc.Arbitrary<readonly Write[]>): fc.Arbitrary<Write> {
  return parts.map(writes => writer => {
    writer.uint32(number * 8 + 2).fork()
    for (const write of writes) write(writer)
    writer.ldelim()
  })
}

/** Any field, known or not, with any wire type: groups with fields inside, the reserved types 6 and 7, ends without a begin, over-long varints. */
const odd: fc.Arbitrary<Write> = fc
  .record({
    number: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 2 ** 29 - 1 })),
    wire: fc.oneof({ weight: 20, arbitrary: fc.constantFrom(0, 1, 2, 3, 5) }, { weight: 1, arbitrary: fc.constantFrom(4, 6, 7) }),
    bytes: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    depth: fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 4 }) }, { weight: 1, arbitrary: fc.integer({ min: 95, max: 105 }) }),
  })
  .map(({ number, wire, bytes, depth }) => writer => {
    const tag = (number * 8 + wire) >>> 0
    if (wire === 0) writer.uint32(tag).uint64(0xffff_ffff_ffff)
    else if (wire === 2) writer.uint32(tag).bytes(bytes)
    else if (wire === 3) {
      for (let level = 0; level < depth; level++) writer.uint32(tag)
      writer.uint32(8).uint32(bytes[0]!)
      for (let level = 0; level < depth; level++) writer.uint32(tag + 1)
    } else {
      writer.uint32(tag)
      for (const byte of bytes.subarray(0, wire === 1 ? 8 : 4)) writer.uint32(byte & 127)
    }
  })

function withOdd(known: readonly fc.Arbitrary<Write>[]): fc.Arbitrary<Write> {
  return fc.oneof(...known.map(arbitrary => ({ weight: 3, arbitrary })), { weight: 1, arbitrary: odd })
}

const packed: fc.Arbitrary<readonly Write[]> = fc.array(whole(0, 24).map(flag => (writer: protobuf.Writer) => writer.uint32(flag >>> 0)))
const observation = withOdd([varint(1, whole(0, 255)), varint(2, whole(0, 255)), varint(3, whole(0, 10_000)), varint(4, whole(0, 2))])
const sample = withOdd([
  varint(1, whole(0, 10_000)),
  fixed(2, whole(-900_000_000, 900_000_000)),
  fixed(3, whole(-900_000_000, 900_000_000)),
  zigzag(4, whole(-100_000, 800_000)),
  varint(5, whole(0, 10_000)),
  varint(6, whole(0, 16_382)),
  varint(7, whole(0, 3_599)),
  zigzag(8, whole(-8_000, 8_000)),
  zigzag(9, whole(-8_000, 8_000)),
  zigzag(10, whole(-32_766, 32_766)),
  varint(11, whole(0, 8_000)),
  varint(12, whole(0, 24)),
  nested(12, packed),
  nested(13, fc.array(observation, { maxLength: 6 })),
  varint(14, whole(0, 100)),
  zigzag(15, whole(-1_000, 1_000)),
  varint(16, whole(0, 3)),
  varint(17, whole(0, 100)),
  varint(18, whole(0, 10_000)),
  varint(19, whole(0, 9)),
])
const alertId = nested(1, fc.constant([writer => writer.uint32(10).string('hh-01'), writer => writer.uint32(24).uint32(7)]))
const report = withOdd([
  varint(1, whole(1, 1_000)),
  fc.double({ min: 0, max: timeMsMax, noNaN: true }).map(value => writer => writer.uint32(17).double(value)),
  nested(3, fc.array(sample, { maxLength: 40 })),
  varint(4, whole(1, 1_022)),
  varint(5, whole(0, 15)),
  nested(6, fc.array(withOdd([alertId, varint(2, whole(1, 9)), varint(3, whole(0, 3))]), { maxLength: 4 })),
])

/** The head a report needs, at any place among other fields in any order and number. */
const head: Write = writer => writer.uint32(8).uint32(1).uint32(17).double(1.7e12)
const reports: fc.Arbitrary<Uint8Array> = fc.tuple(fc.array(report, { maxLength: 14 }), fc.nat(14)).map(([writes, place]) => {
  const writer = protobuf.Writer.create()
  for (const write of writes.toSpliced(place, 0, head)) write(writer)
  return new Uint8Array(writer.finish())
})

describe('equal to the generated decoder', () => {
  test('on fields in any order, repeated, unknown, of wrong wire types and out of range', () => {
    const outcomes = new Map<string, number>()
    const check = (bytes: Uint8Array) => {
      const expected = reference(bytes)
      expect(fast(bytes)).toEqual(expected)
      const outcome = (expected as { outcome?: string }).outcome ?? 'ok'
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    fc.assert(fc.property(reports, check), { numRuns: 10_000, seed: 1 })
    // Every outcome must have come up, or the property above says little.
    for (const outcome of ['ok', 'malformed', 'out_of_range', 'missing', 'wrong_count']) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(20)
    }
  })

  test('on every truncation', () => {
    const check = (bytes: Uint8Array) => {
      for (let end = 0; end <= bytes.length; end++) {
        const cut = bytes.slice(0, end)
        expect(fast(cut)).toEqual(reference(cut))
      }
    }
    fc.assert(fc.property(reports, check), { numRuns: 300, seed: 2 })
  })

  test('on flipped bytes and on noise', () => {
    const flipped = fc.tuple(reports, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([bytes, at, bits]) => {
      if (bytes.length > 0) bytes[at % bytes.length]! ^= bits
      return bytes
    })
    const check = (bytes: Uint8Array) => {
      expect(fast(bytes)).toEqual(reference(bytes))
    }
    fc.assert(fc.property(fc.oneof(flipped, fc.uint8Array({ maxLength: 64 })), check), { numRuns: 10_000, seed: 3 })
  })

  test('when the bytes are a part of a larger buffer', () => {
    const check = (bytes: Uint8Array, before: number) => {
      const large = new Uint8Array(bytes.length + before + 16).fill(0xff)
      large.set(bytes, before)
      expect(fast(large.subarray(before, before + bytes.length))).toEqual(reference(bytes))
    }
    fc.assert(fc.property(reports, fc.nat(9), check), { numRuns: 500, seed: 4 })
  })
})

describe('ranges name the field', () => {
  const good = { number: 1, timeMs: 1.7e12, samples: [{ latitudeE7: 1, longitudeE7: 2 }] }
  const second = (sample: Sample) => ({ ...good, samples: [{}, sample] })
  const times = (count: number) => Array.from({ length: count }, () => ({}))
  test.each([
    [good, 'ok', ''],
    [{ ...good, number: 0 }, 'missing', 'number'],
    [{ ...good, timeMs: Number.NaN }, 'out_of_range', 'timeMs'],
    [{ ...good, timeMs: -1 }, 'out_of_range', 'timeMs'],
    [{ ...good, timeMs: Number.POSITIVE_INFINITY }, 'out_of_range', 'timeMs'],
    [{ ...good, samples: [] }, 'wrong_count', 'samples'],
    [{ ...good, samples: times(10) }, 'ok', ''],
    [{ ...good, samples: times(11) }, 'wrong_count', 'samples'],
    [{ ...good, vehicleLengthDm: 0 }, 'out_of_range', 'vehicleLengthDm'],
    [{ ...good, vehicleLengthDm: 1023 }, 'out_of_range', 'vehicleLengthDm'],
    [{ ...good, verdicts: times(8) }, 'ok', ''],
    [{ ...good, verdicts: times(9) }, 'wrong_count', 'verdicts'],
    [second({ latitudeE7: 900_000_001, longitudeE7: 0 }), 'out_of_range', 'samples[1].latitudeE7'],
    [second({ latitudeE7: 0, longitudeE7: 1_800_000_001 }), 'out_of_range', 'samples[1].longitudeE7'],
    [second({ latitudeE7: 0 }), 'missing', 'samples[1].longitudeE7'],
    [second({ longitudeE7: 0 }), 'missing', 'samples[1].latitudeE7'],
    [second({ speedCmps: 16_383 }), 'out_of_range', 'samples[1].speedCmps'],
    [second({ headingDecideg: 3_601 }), 'out_of_range', 'samples[1].headingDecideg'],
    [second({ observations: times(4) }), 'ok', ''],
    [second({ observations: times(5) }), 'wrong_count', 'samples[1].observations'],
    [second({ observations: [{}, { subCause: 256 }] }), 'out_of_range', 'samples[1].observations[1].subCause'],
  ] as const)('%j: %s %s', (content, outcome, field) => {
    const bytes = Report.encode(content as outrider.v1.Report.$Properties).finish()
    expect([decodeReport(bytes, record), record.problemField]).toEqual([outcome, field])
  })
})
