import type { Metrics } from '@outrider/service'
import type { IngestCounts } from './ingest.js'

export interface ObservedParts {
  readonly ingest: { counts(): IngestCounts }
  readonly retention: { removedRows(): number }
  /** Answers of the public API by problem; `ok` for those without. */
  readonly answers: () => ReadonlyMap<string, number>
  /** As last asked for; undefined before. */
  readonly lag: () => number | undefined
}

/** Everything central shows of itself. docs/central.md lists it. */
export function observeCentral(metrics: Metrics, { ingest, retention, answers, lag }: ObservedParts): void {
  const labelled = (label: string, counts: Readonly<Record<string, number | undefined>>) =>
    Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value: value ?? 0 }))
  metrics.counter('outrider_central_applied_total', 'Records that took effect', () => labelled('kind', ingest.counts().applied.applied), [
    'kind',
  ])
  metrics.counter(
    'outrider_central_repeats_total',
    'Records that came again',
    () => labelled('by', { ...ingest.counts().applied.repeats }),
    ['by'],
  )
  metrics.counter(
    'outrider_central_dead_letters_total',
    'Records that could not be applied',
    () => labelled('reason', ingest.counts().applied.dead),
    ['reason'],
  )
  metrics.counter('outrider_central_missed_offsets_total', 'Offsets gone before they were read', () => ingest.counts().missedOffsets)
  metrics.counter('outrider_central_batches_total', 'Transactions that applied records', () => ingest.counts().batches)
  metrics.counter('outrider_central_batch_seconds_total', 'Time in those transactions', () => ingest.counts().applyMs / 1_000)
  metrics.gauge('outrider_central_batch_seconds_max', 'The longest of them', () => ingest.counts().applyMsMax / 1_000)
  metrics.counter('outrider_central_failures_total', 'Times that reading had to begin again', () => ingest.counts().failures)
  metrics.gauge('outrider_central_lag_records', 'Records of the event log not yet in the store, -1 if not known', () => lag() ?? -1)
  metrics.counter('outrider_central_retention_rows_total', 'Rows removed because their time was over', () => retention.removedRows())
  metrics.counter('outrider_central_answers_total', 'Answers of the public API', () => labelled('answer', Object.fromEntries(answers())), [
    'answer',
  ])
}
