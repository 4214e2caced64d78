import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roadSurfaces, type TrafficSample, vehicleRoles } from '../traffic-sample.js'
import { readTrace } from './read-trace.js'
import { traceCsvHeader, traceCsvRow } from './write-csv.js'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(value => (value === 0 ? 0 : value))
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const name = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' })
  .filter(text => text.trim() === text && !/^(null|nan)$/i.test(text))

const sample: fc.Arbitrary<TrafficSample> = fc.record({
  timeS: number(0, 3000),
  vehicleId: name,
  lat: number(-90, 90),
  lon: number(-180, 180),
  headingDeg: maybe(number(0, 359.99)),
  speedMps: maybe(number(0, 163.81)),
  accelMps2: maybe(number(-150, 15)),
  latAccelMps2: maybe(number(-15, 15)),
  yawRateDegps: maybe(number(-300, 300)),
  vertAccelRmsMps2: maybe(number(0, 100)),
  altM: maybe(number(-400, 8000)),
  hAccM: maybe(number(0, 12)),
  lengthM: maybe(number(0.1, 100)),
  role: maybe(fc.constantFrom(...vehicleRoles)),
  enrolment: name,
  flags: maybe(fc.integer({ min: 1, max: (1 << 19) - 1 })),
  friction: maybe(number(0, 1)),
  airTempC: maybe(number(-90, 70)),
  wiper: maybe(fc.integer({ min: 0, max: 3 })),
  rain: maybe(number(0, 1)),
  visibilityM: maybe(number(0, 100_000)),
  roadSurface: maybe(fc.constantFrom(...roadSurfaces)),
  report: maybe(
    fc.record({ cause: fc.integer({ min: 0, max: 255 }), subCause: fc.integer({ min: 0, max: 255 }), aheadM: maybe(number(0, 1000)) }),
  ),
})

test('what is written is read back, in order of time, however the bytes are cut', async () => {
  const trace = fc.uniqueArray(sample, { maxLength: 30, minLength: 1, selector: ({ timeS, vehicleId }) => `${timeS} ${vehicleId}` })
  await fc.assert(
    fc.asyncProperty(trace, fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }), async (samples, cuts) => {
      const ordered = samples.toSorted((a, b) => a.timeS - b.timeS)
      const bytes = Buffer.from([traceCsvHeader, ...ordered.map(traceCsvRow)].join('\n'))
      const read: TrafficSample[] = []
      const reading = readTrace(pieces(bytes, cuts))
      for await (const each of reading.samples) read.push(each)
      expect(read).toEqual(ordered)
      expect(reading.report()).toMatchObject({ rows: samples.length, samples: samples.length, reasons: {} })
    }),
    { seed: 4, numRuns: 100 },
  )
})

function* pieces(bytes: Buffer, cuts: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = cuts[turn % cuts.length]!
    yield bytes.subarray(at, at + length)
    at += length
  }
}

test('shaken by up to 2 s, every row comes out once and in order; shaken more, rows are counted and never come out of order', async () => {
  const shaken = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 60 })), { minLength: 1, maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(shaken, fc.boolean(), async (rows, isMild) => {
      // Each row is sent up to 2 s (6 s) after its time: in the file it stands by when it was sent.
      const sent = rows
        .map(([tenths, late], id) => ({ tenths, id, sentTenths: tenths + (isMild ? Math.min(late, 20) : late) }))
        .toSorted((a, b) => a.sentTenths - b.sentTenths)
      const text = ['t_s,vehicle_id,lat,lon', ...sent.map(({ tenths, id }) => `${tenths / 10},v${id},0,0`)].join('\n')
      const times: number[] = []
      const reading = readTrace([text])
      for await (const { timeS } of reading.samples) times.push(timeS)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      const late = sent.filter(({ tenths }, at) => tenths < Math.max(...sent.slice(0, at + 1).map(row => row.tenths)) - 20).length
      expect(late === 0 || !isMild).toBe(true)
      expect(times).toHaveLength(rows.length - late)
      expect(reading.report().reasons.out_of_order?.count ?? 0).toBe(late)
    }),
    { seed: 5, numRuns: 200 },
  )
})
