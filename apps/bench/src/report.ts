import type { Run } from './interleave.js'
import type { Machine } from './machine.js'
import type { Scenario } from './scenario.js'
import type { Spread, Summary } from './summary.js'

/** The machine-readable result of one scenario: one line of JSON, last on standard output. */
export interface Result {
  readonly scenario: string
  readonly machine: Machine
  readonly runs: readonly Run[]
  readonly figures: Readonly<Record<string, Spread & { readonly unit: string }>>
  readonly ratioToBare: Readonly<Record<string, Spread>>
}

export function createResult(scenario: Scenario, machine: Machine, runs: readonly Run[], summary: Summary): Result {
  const figures = Object.entries(summary.figures).map(([key, spread]) => [key, { ...spread, unit: unitOf(scenario, key) }] as const)
  return { scenario: scenario.name, machine, runs, figures: Object.fromEntries(figures), ratioToBare: summary.ratioToBare }
}

const barColumns = 24

/** The same for a person: one row per figure and arm, a bar to scale within the figure, and the ratio to the bare arm. */
export function renderTable(result: Result, scenario: Scenario): string {
  const lines: string[] = [
    scenario.about,
    `${result.machine.cpu}, ${result.machine.cores} cores, ${result.machine.system}, Node ${result.machine.node}`,
    '',
  ]
  const arms = [...new Set(result.runs.map(run => run.arm))].sort((a, b) => Number(b === bareArm(result)) - Number(a === bareArm(result)))
  const width = Math.max(...arms.map(arm => arm.length))
  for (const [figure, { unit, better }] of Object.entries(scenario.figures)) {
    const rows = arms.flatMap(arm => (result.figures[`${arm} ${figure}`] ? [{ arm, spread: result.figures[`${arm} ${figure}`]! }] : []))
    if (rows.length === 0) continue
    lines.push(`${figure} (${unit}, ${better} is better)`)
    const greatest = Math.max(...rows.map(row => row.spread.median), Number.MIN_VALUE)
    for (const { arm, spread } of rows) {
      const bar = '█'.repeat(Math.max(1, Math.round((spread.median / greatest) * barColumns))).padEnd(barColumns)
      const ratio = result.ratioToBare[`${arm} ${figure}`]
      lines.push(`  ${arm.padEnd(width)}  ${bar}  ${range(spread).padEnd(30)}${ratio ? `  ${range(ratio)} × bare` : '  bare'}`)
    }
  }
  lines.push(
    '',
    `median (least … greatest) of ${new Set(result.runs.map(run => run.round)).size} interleaved rounds; ratios are taken round by round`,
  )
  return lines.join('\n')
}

/** The bare arm is the one that has no ratio to itself. */
function bareArm({ runs, ratioToBare }: Result): string | undefined {
  return runs.find(run => Object.keys(run.figures).every(figure => ratioToBare[`${run.arm} ${figure}`] === undefined))?.arm
}

function unitOf(scenario: Scenario, key: string): string {
  return scenario.figures[key.slice(key.lastIndexOf(' ') + 1)]?.unit ?? ''
}

function range({ min, median, max }: Spread): string {
  return `${short(median)} (${short(min)} … ${short(max)})`
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
