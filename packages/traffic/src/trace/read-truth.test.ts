import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { TruthRow } from '../truth-row.js'
import { readTruth, truthRowsMax } from './read-truth.js'
import { truthCsvHeader, truthCsvRow } from './write-csv.js'

const header = 'cause,sub_cause,lat,lon,radius_m,from_s,to_s'

test('required columns alone', async () => {
  const { rows, report } = await readTruth([`${header}\n94,2,53.5,10,30,239.9,479.9\n`])
  expect(rows).toEqual([
    {
      index: 0,
      id: undefined,
      kind: 'must',
      cause: 94,
      subCause: 2,
      lat: 53.5,
      lon: 10,
      radiusM: 30,
      fromS: 239.9,
      toS: 479.9,
      headingDeg: undefined,
      vehicleIds: [],
    },
  ])
  expect(report).toMatchObject({ rows: 1, samples: 1, rejectedRows: 0, reasons: {} })
})

test('what is written is read back, gzip too; what still lasts ends with the trace', async () => {
  const row: TruthRow = {
    index: 0,
    id: 'h,1',
    kind: 'may',
    cause: 97,
    subCause: 1,
    lat: 1.5,
    lon: -2,
    radiusM: 0,
    fromS: 5,
    toS: Number.POSITIVE_INFINITY,
    headingDeg: 12.5,
    vehicleIds: ['a', 'b'],
  }
  const { rows } = await readTruth([gzipSync(`${truthCsvHeader}\n${truthCsvRow(row, 100)}`)])
  expect(rows).toEqual([{ ...row, toS: 100 }])
})

test('bad rows are counted and keep their number', async () => {
  const lines = [
    'x,0,0,0,1,0,1,',
    '1,0,,0,1,0,1,',
    '1,0,0,0,1,9,1,',
    '1,0,0,0,1,0,1,maybe',
    '256,0,0,0,1,0,1,',
    '1.5,0,0,0,1,0,1,',
    '1,0,0',
    '1,0,0,0,1,0,1,may',
  ]
  const { rows, report } = await readTruth([`${header},kind\n${lines.join('\n')}`])
  expect(rows).toMatchObject([{ index: 6, kind: 'may' }])
  expect(report).toMatchObject({ rows: 8, samples: 1, rejectedRows: 7 })
  expect(Object.fromEntries(Object.entries(report.reasons).map(([reason, { count }]) => [reason, count]))).toEqual({
    bad_number: 2,
    missing_required: 1,
    out_of_range: 2,
    unknown_name: 1,
    malformed_line: 1,
  })
})

test.each([
  ['header_invalid', ''],
  ['header_invalid', 'cause,lat,lon\n'],
  ['truth_too_long', `${header}\n${'1,0,0,0,1,0,1\n'.repeat(truthRowsMax + 1)}`],
])('%s stops it', async (code, text) => {
  await expect(readTruth([text])).rejects.toMatchObject({ code })
})
