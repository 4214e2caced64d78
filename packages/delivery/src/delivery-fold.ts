// One delivery at one node, folded from the records of its steps. A record may come again and out of order, so that the fold takes the least, the
// most and the better of what it is told, and nothing that depends on what came before. It follows the node's own ledger: the first outcome
// stays, acknowledged wins over any since the vehicle has it, a later stage only adds its time; and who was withdrawn before anything was sent, or
// moved and came back without it, and was then targeted again has an open delivery (docs/delivery.md, "Once").
import { outrider } from '@outrider/protocol'

const { DeliveryStage, DeliveryState } = outrider.v1
const { DELIVERY_STATE_TARGETED: targeted, DELIVERY_STATE_ACKNOWLEDGED: acknowledged } = DeliveryState
const { DELIVERY_STATE_WITHDRAWN: withdrawn, DELIVERY_STATE_MOVED: moved } = DeliveryState

/** A record's step, checked: state 1..8, times in ms since 1970-01-01 UTC. */
export type RecordedStep = outrider.v1.DeliveryTransition.$Properties & { readonly state: number; readonly timeMs: number }

/** What is known of a delivery at its node. Times in ms since 1970-01-01 UTC, by the node's corrected clock where it does not say otherwise. */
export interface DeliveryFold {
  /** DeliveryState: its outcome, or targeted while it is open. */
  readonly state: number
  readonly dropReason: number
  /** When its outcome came; null while it is open. */
  readonly closedAtMs: number | null
  /** Earliest step heard of. */
  readonly openedAtMs: number
  /** Newest targeting, withdrawal and move: the latest of them counts. */
  readonly targetedAtMs: number | null
  readonly withdrawnAtMs: number | null
  readonly movedAtMs: number | null
  /** When it was last written to the vehicle's socket. */
  readonly sentAtMs: number | null
  /** When the vehicle reached each stage: by its own clock, if it said so. */
  readonly receivedAtMs: number | null
  readonly takenAtMs: number | null
  readonly shownAtMs: number | null
  /** When the node heard that it was shown: by the same clock as `reachedAtMs`. */
  readonly shownToldAtMs: number | null
  /** When the vehicle reached the hazard. */
  readonly reachedAtMs: number | null
  /** When it was targeted; the least, if it was more than once. */
  readonly timeToHazardMs: number | null
  readonly distanceM: number | null
  readonly recovered: boolean
  readonly alreadyHeld: boolean
  /** Node the vehicle went to with the newest move; '' = none or not known. */
  readonly movedTo: string
}

export function foldStep(fold: DeliveryFold | undefined, step: RecordedStep): DeliveryFold {
  const one = foldOf(step)
  return fold === undefined ? one : mergeFolds(fold, one)
}

/** Two folds of the same delivery: commutative, associative, and a fold merged with itself is itself. */
export function mergeFolds(a: DeliveryFold, b: DeliveryFold): DeliveryFold {
  const outcome = isOutcomeOver(b, a) ? b : a
  const targetedAtMs = most(a.targetedAtMs, b.targetedAtMs)
  const withdrawnAtMs = most(a.withdrawnAtMs, b.withdrawnAtMs)
  const movedAtMs = most(a.movedAtMs, b.movedAtMs)
  return {
    ...(isFinal(outcome.state) ? outcomeOf(outcome) : openOrReversed(targetedAtMs, withdrawnAtMs, movedAtMs)),
    openedAtMs: Math.min(a.openedAtMs, b.openedAtMs),
    targetedAtMs,
    withdrawnAtMs,
    movedAtMs,
    movedTo: isLaterMove(b, a) ? b.movedTo : a.movedTo,
    sentAtMs: most(a.sentAtMs, b.sentAtMs),
    receivedAtMs: least(a.receivedAtMs, b.receivedAtMs),
    takenAtMs: least(a.takenAtMs, b.takenAtMs),
    shownAtMs: least(a.shownAtMs, b.shownAtMs),
    shownToldAtMs: least(a.shownToldAtMs, b.shownToldAtMs),
    reachedAtMs: least(a.reachedAtMs, b.reachedAtMs),
    timeToHazardMs: least(a.timeToHazardMs, b.timeToHazardMs),
    distanceM: least(a.distanceM, b.distanceM),
    recovered: a.recovered || b.recovered,
    alreadyHeld: a.alreadyHeld || b.alreadyHeld,
  }
}

/** True if the vehicle had the alert, whatever the ledger calls the delivery: a vehicle may take what was withdrawn on its way. */
export function isWarned({ state, takenAtMs, shownAtMs }: Pick<DeliveryFold, 'state' | 'takenAtMs' | 'shownAtMs'>): boolean {
  return state === acknowledged || takenAtMs !== null || shownAtMs !== null
}

function foldOf(step: RecordedStep): DeliveryFold {
  const { state, timeMs, dropReason, stage, vehicleTimeMs, sentTimeMs, reachedTimeMs, timeToHazardMs, distanceM } = step
  const atStage = (wanted: number) => (stage === wanted ? (vehicleTimeMs ?? timeMs) : null)
  const isOwnStep = (stage ?? 0) === 0 && reachedTimeMs == null
  const withdrawnAtMs = state === withdrawn ? timeMs : null
  const movedAtMs = state === moved ? timeMs : null
  const outcome = { state, dropReason: dropReason ?? 0, closedAtMs: timeMs }
  const targetedAtMs = state === targeted && isOwnStep ? timeMs : null
  return {
    ...(isFinal(state) ? outcome : openOrReversed(targetedAtMs, withdrawnAtMs, movedAtMs)),
    openedAtMs: timeMs,
    targetedAtMs,
    withdrawnAtMs,
    movedAtMs,
    movedTo: step.movedTo ?? '',
    sentAtMs: sentTimeMs ?? null,
    receivedAtMs: atStage(DeliveryStage.DELIVERY_STAGE_RECEIVED),
    takenAtMs: atStage(DeliveryStage.DELIVERY_STAGE_TAKEN),
    shownAtMs: atStage(DeliveryStage.DELIVERY_STAGE_SHOWN),
    shownToldAtMs: stage === DeliveryStage.DELIVERY_STAGE_SHOWN ? timeMs : null,
    reachedAtMs: reachedTimeMs ?? null,
    timeToHazardMs: timeToHazardMs ?? null,
    distanceM: distanceM ?? null,
    recovered: step.recovered === true,
    alreadyHeld: step.alreadyHeld === true,
  }
}

/** An outcome that nothing opens again. */
function isFinal(state: number): boolean {
  return state !== targeted && state !== withdrawn && state !== moved
}

function openOrReversed(targetedAtMs: number | null, withdrawnAtMs: number | null, movedAtMs: number | null) {
  const closedAtMs = most(withdrawnAtMs, movedAtMs)
  if (closedAtMs === null || closedAtMs < (targetedAtMs ?? 0)) return { state: targeted, dropReason: 0, closedAtMs: null }
  return { state: movedAtMs === closedAtMs ? moved : withdrawn, dropReason: 0, closedAtMs }
}

function isLaterMove(a: DeliveryFold, b: DeliveryFold): boolean {
  const order = (a.movedAtMs ?? 0) - (b.movedAtMs ?? 0)
  return order > 0 || (order === 0 && a.movedTo < b.movedTo)
}

function outcomeOf({ state, dropReason, closedAtMs }: DeliveryFold) {
  return { state, dropReason, closedAtMs }
}

/** Acknowledged over all, what is final over the rest, then the earlier one, then the smaller numbers: one order, whatever came first. */
function isOutcomeOver(a: DeliveryFold, b: DeliveryFold): boolean {
  const rank = ({ state }: DeliveryFold) => (state === acknowledged ? 0 : isFinal(state) ? 1 : 2)
  const order = rank(a) - rank(b) || (a.closedAtMs ?? 0) - (b.closedAtMs ?? 0) || a.state - b.state || a.dropReason - b.dropReason
  return order < 0
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function most(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
