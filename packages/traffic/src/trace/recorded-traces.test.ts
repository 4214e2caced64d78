// Recordings from elsewhere, if they are at hand: `OUTRIDER_DATA`, or the folder `shared/data` beside the repository.
import { createReadStream, existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTrace } from './read-trace.js'

const folder = process.env.OUTRIDER_DATA ?? path.resolve(import.meta.dirname, '../../../../../shared/data')
const hamburg = path.join(folder, 'traces-sumo-hamburg')
const isThere = existsSync(hamburg)
if (!isThere) console.warn(`skipped: no recorded traces in ${folder}; set OUTRIDER_DATA to the folder that holds traces-sumo-hamburg`)

describe.skipIf(!isThere)('SUMO Hamburg', () => {
  test.each([
    ['incident_stalled_1hz_180-600s.csv.gz', 90_296, 180, 599],
    ['nominal_1hz_600-900s.csv.gz', 332_156, 600, 899],
  ])(
    '%s: every row, none rejected',
    async (file, rows, firstS, lastS) => {
      const reading = readTrace(createReadStream(path.join(hamburg, file)))
      let last = firstS
      for await (const { timeS } of reading.samples) {
        expect(timeS >= last).toBe(true)
        last = timeS
      }
      expect(last).toBe(lastS)
      expect(reading.report()).toMatchObject({ format: 'csv', gzip: true, rows, samples: rows, rejectedRows: 0, rejectedValues: 0 })
      expect(reading.report().reasons).toEqual({ unknown_column: { count: 2, firstLine: 1, firstExample: 'type' } })
    },
    60_000,
  )
})

const nyc = path.join(folder, 'traces-nyc-cvpilot/sample')
describe.skipIf(!existsSync(nyc))('NYC pilot events', () => {
  test.each([
    ['fcw', 322, 2, 3],
    ['ima', 521, 8, 1],
    ['evacinfo', 231, 1, 0],
    ['ovcclearancelimit', 356, 1, 1],
    ['spdcomp', 29, 1, 0],
    ['cspdomp', 23, 1, 0],
  ])('%s: every message once, and no "unavailable" as a number', async (name, rows, vehicles, repeats) => {
    const reading = readTrace(createReadStream(path.join(nyc, `nycdot-${name}-event.json`)))
    const seen = new Set<string>()
    for await (const { vehicleId, accelMps2 = 0, hAccM = 0 } of reading.samples) {
      seen.add(vehicleId)
      expect(Math.abs(accelMps2) < 10 && hAccM < 50).toBe(true)
    }
    expect(seen.size).toBe(vehicles)
    const report = reading.report()
    expect(report).toMatchObject({ format: 'nyc_event', rows, samples: rows - repeats, rejectedValues: name === 'ima' ? 1 : 0 })
    expect(report.reasons.duplicate?.count ?? 0).toBe(repeats)
  })
})

const ngsim = path.join(folder, 'traces-ngsim-commonroad')
describe.skipIf(!existsSync(ngsim))('NGSIM cuts', () => {
  test.each([
    ['USA_Lanker-1_1_T-1', 24],
    ['USA_Peach-4_8_T-1', 9],
    ['USA_US101-3_3_T-1', 12],
    ['USA_US101-4_1_T-1', 22],
  ])('%s: every vehicle, each 0.1 s after the other', async (name, vehicles) => {
    const reading = readTrace(createReadStream(path.join(ngsim, `${name}.xml`)))
    const last = new Map<string, number>()
    for await (const { vehicleId, timeS, speedMps } of reading.samples) {
      expect(timeS - (last.get(vehicleId) ?? timeS - 0.1)).toBeCloseTo(0.1, 6)
      expect(speedMps).toBeLessThan(40)
      last.set(vehicleId, timeS)
    }
    expect(last.size).toBe(vehicles)
    expect(reading.report()).toMatchObject({ format: 'common_road', rejectedRows: 0, rejectedValues: 0 })
  })
})
