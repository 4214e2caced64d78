// Reading motion must leave no garbage: at tens of thousands of reports per second it would be the collector that decides the tail of the latency.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const entry = path.resolve(import.meta.dirname, '../dist/index.js')
const program = `
import { createReportRecord, decodeReport, outrider } from ${JSON.stringify(entry)}
const sample = { latitudeE7: 535500000, longitudeE7: 99900000, speedCmps: 1388, headingDecideg: 900, yawRateCentidegps: -150, flags: [2] }
const bytes = outrider.v1.Report.encode({ number: 2000000000, timeMs: 1.7e12, samples: [sample, sample] }).finish()
const record = createReportRecord()
const run = times => { for (let at = 0; at < times; at++) if (decodeReport(bytes, record) !== 'ok') throw new Error(record.problemField) }
run(300000)
for (let window = 0; window < 6; window++) {
  console.log('window')
  run(1000000)
}
`

test('a million reports do not wake the collector', () => {
  const result = spawnSync(process.execPath, ['--trace-gc', '--input-type=module', '--eval', program], { encoding: 'utf8' })
  expect(result.stderr).toBe('')
  const windows = result.stdout.split('window').slice(1)
  expect(windows.length).toBe(6)
  // One boxed number per report would be 16 MB, half a dozen collections and more, in every window. The first windows may still run
  // code that is not optimised yet, for as long as a busy machine keeps the compiler waiting; so the best one counts.
  const collections = windows.map(text => text.match(/Scavenge|Mark-Compact/g)?.length ?? 0)
  expect(Math.min(...collections)).toBeLessThanOrEqual(1)
})
