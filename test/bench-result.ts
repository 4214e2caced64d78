import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'vitest'

const bench = path.resolve(import.meta.dirname, '../apps/bench/dist/main.js')
const small = ['--rounds', '1', '--duration', '0.2', '--vehicles', '20', '--rate', '200', '--json']

interface Result {
  readonly scenario: string
  readonly runs: { arm: string; round: number; figures: Record<string, number> }[]
  readonly figures: Record<string, { min: number; median: number; max: number; unit: string }>
  readonly ratioToBare: Record<string, { min: number; median: number; max: number }>
}

/** Names of all scenarios, as the help lists them. */
export function scenarioNames(): string[] {
  const { stdout } = spawnSync(process.execPath, [bench, '--help'], { encoding: 'utf8' })
  const listed = stdout.slice(stdout.indexOf('Scenarios:')).matchAll(/^ {2}([a-z-]+)$/gm)
  return [...listed].map(match => match[1] ?? '')
}

/** Runs a scenario for real, briefly, and checks that it says what it measured in the documented form. Whether a figure is good is not a test's business. */
export function expectResult(scenario: string, environment: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, scenario, ...small], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  })
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  const result: Result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  expect(result.scenario).toBe(scenario)
  const arms = new Set(result.runs.map(run => run.arm))
  expect(arms.size).toBeGreaterThan(1)
  for (const [name, { min, median, max, unit }] of Object.entries(result.figures)) {
    expect([name, unit !== '', min <= median && median <= max && Number.isFinite(max)]).toEqual([name, true, true])
  }
  const armsWithRatio = new Set(Object.keys(result.ratioToBare).map(key => key.slice(0, key.lastIndexOf(' '))))
  expect(armsWithRatio.size).toBe(arms.size - 1)
}
