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
