// Every scenario runs for real, briefly, and says what it measured in the documented form. Whether a figure is good is not a test's business.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const bench = path.resolve(import.meta.dirname, '../apps/bench/dist/main.js')
const small = ['--rounds', '1', '--duration', '0.2', '--vehicles', '20', '--rate', '200', '--json']

interface Result {
  readonly scenario: string
  readonly machine: object
  readonly runs: { arm: string; round: number; figures: Record<string, number> }[]
  readonly figures: Record<string, { min: number; median: number; max: number; unit: string }>
  readonly ratioToBare: Record<string, { min: number; median: number; max: number }>
}

test('bench all prints one line per scenario, every figure with its unit and every other arm with its ratio to bare', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, 'all', ...small], { encoding: 'utf8' })
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  const results: Result[] = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  const listed = [...spawnSync(process.execPath, [bench, '--help'], { encoding: 'utf8' }).stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(
    match => match[1],
  )
  expect(listed).toEqual(expect.arrayContaining(results.map(result => result.scenario)))
  expect(results.length).toBeGreaterThan(0)
  for (const { runs, figures, ratioToBare } of results) {
    const arms = new Set(runs.map(run => run.arm))
    expect(arms.size).toBeGreaterThan(1)
    for (const [name, figure] of Object.entries(figures)) {
      expect(figure.unit, name).not.toBe('')
      expect([name, figure.min <= figure.median && figure.median <= figure.max && Number.isFinite(figure.max)]).toEqual([name, true])
    }
    const armsWithRatio = new Set(Object.keys(ratioToBare).map(key => key.slice(0, key.lastIndexOf(' '))))
    expect(armsWithRatio.size).toBe(arms.size - 1)
  }
}, 120_000)
