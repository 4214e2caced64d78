/*
 * Which reports of one SDK start are durable, refused, or on their way to the disk. Repeats are recognised by ranges of numbers, never by the
 * highest one: an urgent report overtakes telemetry.
 *
 * A number goes from `collecting` to `waiting` to `settled`. What is collected while an earlier lot waits for its fsync makes the next
 * lot, so that two sets and two log positions a lane are enough, however many reports there are.
 */
import type { LaneName } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { NumberRanges } from './number-ranges.js'

type Reason = outrider.v1.RefusalReason
const { RefusalReason } = outrider.v1

/** Ranges a set may have. When there are more, the oldest hole is given up as lost: what was to fill it had 64 later chances. */
const rangesMax = 64
/** Refused ranges kept to be told; the oldest are dropped, told or not: the vehicle then counts them as durable, and no record is lost by it. */
const refusedMax = 64

interface Lot {
  ranges: NumberRanges
  sequence: number
}

interface LaneLots {
  collecting: Lot
  waiting: Lot
}

export interface RefusedRange {
  readonly first: number
  last: number
  readonly reason: Reason
}

export class ReportNumbers {
  #seen = new NumberRanges()
  #settled = new NumberRanges()
  #lots: Record<LaneName, LaneLots> = { urgent: emptyLots(), telemetry: emptyLots() }
  #refused: RefusedRange[] = []
  #refusedTold = 0
  #changed = false

  /** True if the report was accepted or refused before: it is a repeat. */
  isKnown(number: number): boolean {
    return this.#seen.has(number)
  }

  /** Appended to a lane's log as this sequence; durable when the log is synced so far. */
  accept(number: number, lane: LaneName, sequence: number): void {
    this.#see(number)
    const { collecting } = this.#lots[lane]
    collecting.ranges.add(number)
    collecting.sequence = sequence
  }

  /** Not durable, and never will be. */
  refuse(number: number, reason: Reason): void {
    this.#see(number)
    this.#refuseRange(number, number, reason)
  }

  /** The vehicle repeats itself: the acknowledgement may have been lost, and is due again. */
  tellAgain(): void {
    this.#changed = this.#settled.size > 0
  }

  /** A new connection: what was refused before may not have arrived. */
  reconnected(): void {
    this.#refusedTold = 0
    this.tellAgain()
  }

  /** Takes in what the logs have synced. True if there is something to tell. */
  settle(lane: LaneName, syncedThrough: number): boolean {
    const lots = this.#lots[lane]
    for (let turn = 0; turn < 2; turn++) {
      if (lots.waiting.ranges.size > 0 && syncedThrough >= lots.waiting.sequence) {
        this.#settled.addAll(lots.waiting.ranges)
        lots.waiting.ranges.clear()
        this.#changed = true
      }
      if (lots.waiting.ranges.size === 0 && lots.collecting.ranges.size > 0) {
        const emptied = lots.waiting
        lots.waiting = lots.collecting
        lots.collecting = emptied
      }
    }
    return this.#changed
  }

  /** True if a report of the lane is not yet known to be durable. */
  isOpen(lane: LaneName): boolean {
    const { collecting, waiting } = this.#lots[lane]
    return collecting.ranges.size > 0 || waiting.ranges.size > 0
  }

  /** What to tell the vehicle, or undefined if it knows. */
  takeAck(): outrider.v1.ReportAck.$Properties | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    while (this.#settled.size > rangesMax) this.#giveUpOldestHole()
    const { bounds } = this.#settled
    const fromOne = bounds[0] === 1
    const ahead: outrider.v1.NumberRange.$Properties[] = []
    for (let at = fromOne ? 2 : 0; at < bounds.length; at += 2) ahead.push({ first: bounds[at]!, last: bounds[at + 1]! })
    const except = this.#refused.slice(this.#refusedTold).sort((a, b) => a.first - b.first)
    this.#refusedTold = this.#refused.length
    return { through: fromOne ? bounds[1]! : 0, except, ahead }
  }

  #see(number: number): void {
    this.#seen.add(number)
    while (this.#seen.size > rangesMax) this.#seen.closeOldestHole()
  }

  #giveUpOldestHole(): void {
    const hole = this.#settled.closeOldestHole()
    if (hole !== undefined) this.#refuseRange(hole.first, hole.last, RefusalReason.REFUSAL_REASON_LOST)
  }

  #refuseRange(first: number, last: number, reason: Reason): void {
    this.#settled.add(first, last)
    this.#changed = true
    const newest = this.#refused.at(-1)
    if (newest !== undefined && newest.reason === reason && newest.last + 1 === first) {
      newest.last = last
      this.#refusedTold = Math.min(this.#refusedTold, this.#refused.length - 1)
      return
    }
    this.#refused.push({ first, last, reason })
    if (this.#refused.length <= refusedMax) return
    this.#refused.shift()
    this.#refusedTold = Math.max(0, this.#refusedTold - 1)
  }
}

function emptyLots(): LaneLots {
  return { collecting: { ranges: new NumberRanges(), sequence: 0 }, waiting: { ranges: new NumberRanges(), sequence: 0 } }
}
