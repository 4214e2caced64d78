import { type EquippedShare, isEquipped, type TraceReport, type TrafficSample, type TruthRow } from '@outrider/traffic'
import type { DetectedAlert } from '../scoring/detected-alert.js'
import { type MatchedAlert, matchAlerts, type Verdict } from '../scoring/match-alerts.js'
import { createObservability, type Observability } from '../scoring/observability.js'
import { rounded, type Score, scoreAll, scoreByCause } from '../scoring/score.js'
import { hazardsOf } from '../scoring/truth-hazards.js'
import type { Delivery } from './recorded-vehicles.js'
import { createReplay, type Replay, type ReplayPolicies } from './replay-trace.js'
import { withGround } from './trace-ground.js'

/** An alert with what became of it in scoring. */
export interface ScoredAlert extends DetectedAlert {
  /** The hazard's id, else its row's index, of true alerts and duplicates; null otherwise. */
  readonly matched: string | number | null
  readonly verdict: Verdict
}

/** What `outrider evaluate --json` prints (evaluation.md, "JSON"). */
export interface Evaluation {
  readonly overall: Score
  readonly byCause: Readonly<Record<string, Score>>
  readonly alerts: readonly ScoredAlert[]
  /** Findings by detector, public or not. */
  readonly evidence: Readonly<Record<string, number>>
  /** Rows and values of trace and truth that were not taken, and samples that were not believed, by reason. */
  readonly rejected: Readonly<Record<string, number>>
  readonly vehicleHours: number
}

export interface EvaluateOptions {
  readonly samples: AsyncIterable<TrafficSample>
  /** What reading rejected; asked for after the last sample. */
  readonly reports: () => readonly TraceReport[]
  readonly truth: readonly TruthRow[]
  readonly policies: ReplayPolicies
  /** What a zone learned before; absent = a cold start. */
  readonly learned?: Uint8Array | undefined
  /** Undefined = every vehicle reports. */
  readonly equipped?: EquippedShare | undefined
  readonly onDelivery?: (delivery: Delivery, atS: number) => void
  /** Called with each sample that was taken. */
  readonly onSample?: (atS: number) => void
}

export async function evaluateTrace({
  samples,
  equipped,
  learned,
  onDelivery,
  onSample,
  ...options
}: EvaluateOptions): Promise<Evaluation> {
  const hazards = hazardsOf(options.truth)
  const observability = createObservability(hazards)
  const grounded = await withGround(samples)
  const replay =
    grounded.ground &&
    createReplay({
      ...options.policies,
      ground: grounded.ground,
      ...(learned === undefined ? {} : { learned }),
      ...(onDelivery === undefined ? {} : { onDelivery }),
    })
  if (replay !== undefined) {
    for await (const sample of grounded.samples) {
      if (equipped !== undefined && !isEquipped(sample.vehicleId, equipped)) continue
      observability.see(sample)
      replay.take(sample)
      onSample?.(sample.timeS)
    }
    replay.end()
  }
  return scored(replay, hazards, observability, options.reports())
}

function scored(
  replay: Replay | undefined,
  hazards: ReturnType<typeof hazardsOf>,
  observability: Observability,
  reports: readonly TraceReport[],
): Evaluation {
  const alerts = matchAlerts(replay?.history.alerts() ?? [], hazards, replay?.clock.nowS() ?? 0)
  const required = hazards.filter(hazard => hazard.isRequired)
  const vehicleHours = (replay?.vehicles.presentS ?? 0) / 3_600
  const all = { hazards: required, observable: new Set(required.filter(observability.isObservable)), alerts, vehicleHours }
  return {
    overall: scoreAll(all),
    byCause: scoreByCause(all),
    alerts: alerts.map(scoredAlert),
    evidence: { ...replay?.zone.counts.evidence },
    rejected: rejectedOf(replay, reports),
    vehicleHours: rounded(vehicleHours),
  }
}

function scoredAlert({ alert, verdict, hazard }: MatchedAlert): ScoredAlert {
  const isNamed = verdict === 'true' || verdict === 'duplicate'
  return { ...alert, matched: isNamed && hazard !== undefined ? hazard.name : null, verdict }
}

function rejectedOf(replay: Replay | undefined, reports: readonly TraceReport[]): Readonly<Record<string, number>> {
  const rejected: Record<string, number> = {}
  const add = (reason: string, count: number): void => {
    if (count > 0) rejected[reason] = (rejected[reason] ?? 0) + count
  }
  for (const { reasons } of reports) for (const [reason, { count }] of Object.entries(reasons)) add(reason, count)
  if (replay === undefined) return rejected
  for (const [reason, count] of Object.entries(replay.zone.counts.samplesImplausible)) add(reason, count)
  for (const [reason, count] of Object.entries(replay.zone.counts.framesRefused)) add(reason, count)
  for (const [reason, count] of Object.entries(replay.zone.counts.shed)) add(reason, count)
  add('zone_full', replay.refusedFull)
  return rejected
}
