import type { Origin } from '@outrider/traffic'
import { Command } from 'commander'
import { readJsonFile } from '../evaluate/json-file.js'
import { openTrace } from '../evaluate/open-trace.js'
import { createProgress } from '../evaluate/progress.js'
import { readWarned } from '../evaluate/read-deliveries.js'
import { runOf } from '../evaluate/run-file.js'
import { originOf } from '../origin-of.js'
import { tableLines } from '../print-table.js'
import { createHindsight, type HindsightScore, sumOf } from '../scoring/hindsight.js'

interface Options {
  readonly run: string
  readonly deliveries: string
  readonly json?: true
  readonly origin?: Origin
}

/** Alerts that warned of something that was there. */
const isReal = ({ verdict }: { readonly verdict: string }): boolean => verdict === 'true' || verdict === 'stale'

/** `outrider hindsight TRACE`: whether those were warned who came to the hazard later in the trace, and in time. */
export function hindsightCommand(): Command {
  return new Command('hindsight')
    .description('score deliveries of an evaluation by who came to the hazards later: were they warned, in time, and few others')
    .argument('<trace>', 'the recording that was evaluated')
    .requiredOption('--run <file>', 'what outrider evaluate --json printed')
    .requiredOption('--deliveries <file>', 'what outrider evaluate --deliveries wrote in the same run')
    .option('--json', 'print one JSON line')
    .option('--origin <lat,lon>', 'what metres are counted from, for traces that have no degrees', originOf)
    .action(scoreHindsight)
}

async function scoreHindsight(trace: string, { run, deliveries, json, origin }: Options): Promise<void> {
  const { alerts } = runOf(run, readJsonFile(run))
  const warned = await readWarned(deliveries)
  const hindsight = createHindsight(alerts)
  const progress = createProgress()
  for await (const sample of openTrace(trace, origin).samples) {
    hindsight.see(sample)
    progress.sample(sample.timeS)
  }
  progress.done()
  const scores = alerts.map(alert => ({ alert, score: hindsight.scoreOf(alert.id, warned.get(alert.id) ?? new Map()) }))
  const overall = sumOf(scores.flatMap(({ alert, score }) => (isReal(alert) ? [score] : [])))
  const output =
    json === true
      ? JSON.stringify({ overall, alerts: scores.map(({ alert, score }) => ({ id: alert.id, verdict: alert.verdict, ...score })) })
      : tableLines(
          ['alert', 'verdict', 'endangered', 'warned ≥ 5 s before', 'recall', 'warned', 'of them endangered', 'precision', 'median lead s'],
          [...scores.map(({ alert, score }) => scoreRow(alert.id, alert.verdict, score)), scoreRow('all true ones', '', overall)],
        ).join('\n')
  process.stdout.write(`${output}\n`)
}

function scoreRow(name: string, verdict: string, score: HindsightScore): string[] {
  const share = (value: number | null): string => (value === null ? '-' : value.toFixed(3))
  return [
    name,
    verdict,
    String(score.endangered),
    String(score.warnedInTime),
    share(score.recall),
    String(score.warned),
    String(score.warnedEndangered),
    share(score.precision),
    score.medianLeadS === null ? '-' : String(score.medianLeadS),
  ]
}
