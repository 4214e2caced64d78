// What a warning was good for: whether the warned vehicle came to the hazard, and how long after the warning. Kept per pair, over all revisions
// of the alert, since the driver was warned once. An approach is open from the first warning to the first of: reached; left, no longer
// concerned; over, the alert is; gone, the vehicle is. Whichever comes first stays. shown = reached + left + over + gone + open, at any moment.
import type { PairTable } from './pair-table.js'

/** How far the approach of a pair is. Taken comes before shown; an alert that the vehicle presents silently is never shown. */
const approaches = { none: 0, taken: 1, shown: 2, closed: 3 } as const

/** Who is so near the event position is at the hazard, m (evaluation.md). */
export const atHazardM = 30

/** Why an approach that did not reach the hazard is over. */
export type ApproachEnd = 'left' | 'over' | 'gone'

export interface ApproachCounts {
  /** Warnings shown to drivers, each vehicle and alert once: the sum of the next four and what is open. */
  shown: number
  /** Shown, and then at the hazard. */
  reached: number
  left: number
  over: number
  gone: number
  /** At the hazard with the alert taken, but not shown. */
  reachedUnshown: number
  /** At the hazard before the vehicle had answered: not warned in time, or not at all. */
  reachedUnwarned: number
}

/** A vehicle at the hazard. */
export interface Arrival {
  readonly warned: 'shown' | 'taken' | 'no'
  /** From the warning to the arrival, ms: since it was shown, or else taken, as the node heard of it; -1 = not warned. */
  readonly leadMs: number
}

/** The part of the book that approaches are kept in. */
export interface ApproachBook {
  readonly pairs: PairTable
  readonly approachCounts: ApproachCounts
}

export function createApproachCounts(): ApproachCounts {
  return { shown: 0, reached: 0, left: 0, over: 0, gone: 0, reachedUnshown: 0, reachedUnwarned: 0 }
}

/** First targeted at this distance; -1 = unknown. Who is at the hazard by then did not come to it after a warning: nothing of it is measured. */
export function openApproach({ pairs }: ApproachBook, pair: number, distanceM: number): void {
  const isFirst = pairs.earlierRevision[pair] === 0 && pairs.approach[pair] === approaches.none
  if (isFirst && distanceM >= 0 && distanceM <= atHazardM) pairs.approach[pair] = approaches.closed
}

export function noteTaken({ pairs }: ApproachBook, pair: number, nowMs: number): void {
  if (pairs.approach[pair] !== approaches.none) return
  pairs.approach[pair] = approaches.taken
  pairs.warnedAtMs[pair] = nowMs
}

export function noteShown({ pairs, approachCounts }: ApproachBook, pair: number, nowMs: number): void {
  if (pairs.approach[pair]! >= approaches.shown) return
  pairs.approach[pair] = approaches.shown
  pairs.warnedAtMs[pair] = nowMs
  approachCounts.shown++
}

/** The vehicle is at the hazard. Undefined if its approach was over before. */
export function closeReached({ pairs, approachCounts }: ApproachBook, pair: number, nowMs: number): Arrival | undefined {
  const approach = pairs.approach[pair]!
  if (approach === approaches.closed) return undefined
  pairs.approach[pair] = approaches.closed
  if (approach === approaches.none) {
    approachCounts.reachedUnwarned++
    return { warned: 'no', leadMs: -1 }
  }
  const isShown = approach === approaches.shown
  if (isShown) approachCounts.reached++
  else approachCounts.reachedUnshown++
  return { warned: isShown ? 'shown' : 'taken', leadMs: nowMs - pairs.warnedAtMs[pair]! }
}

/** An approach that reached nothing. What was not shown stays open: the vehicle may be concerned again. */
export function closeApproach({ pairs, approachCounts }: ApproachBook, pair: number, end: ApproachEnd): void {
  if (pairs.approach[pair] !== approaches.shown) return
  pairs.approach[pair] = approaches.closed
  approachCounts[end]++
}
