/*
 * Alerts with more candidates than one turn of the loop may look at: 50,000 vehicles would hold it up for a second. Their rows are put down
 * here, nearest to the event first, and looked at slice by slice; whoever drives in meanwhile is found by his own report. An imminent
 * alert's rows come before all others, so that it waits for one slice at most.
 */
import { distanceM } from '@outrider/geo'
import type { Relevance } from './relevance.js'

/** Rings of distance by which candidates are ordered; a tenth of them is enough to come first. */
const rings = 256

interface PendingMatch {
  readonly slot: number
  /** `ActiveAlerts.versionOf` when it began: another one means that it is another alert's or revision's turn. */
  readonly version: number
  readonly isImminent: boolean
  /** Rows, the nearest first. */
  readonly rows: Int32Array
  /** How many of them were looked at. */
  done: number
}

export interface PendingMatches {
  has(slot: number): boolean
  /** In place of the one the slot has. At most one a slot, 4 bytes a row: as many as alerts, of which few are that large. */
  set(match: PendingMatch): void
  delete(slot: number): void
  /** Imminent before others, older before newer. */
  first(): PendingMatch | undefined
  readonly size: number
}

export function createPendingMatches(): PendingMatches {
  const matches = new Map<number, PendingMatch>()
  return {
    has: slot => matches.has(slot),
    set(match) {
      matches.delete(match.slot)
      matches.set(match.slot, match)
    },
    delete: slot => matches.delete(slot),
    first() {
      let oldest: PendingMatch | undefined
      for (const match of matches.values()) {
        if (match.isImminent) return match
        oldest ??= match
      }
      return oldest
    },
    get size() {
      return matches.size
    },
  }
}

/** The rows of `found` (a grid's answer: row × 2 + place), nearest to the event first: sorted into rings, which is linear. */
export function nearestFirst(found: Int32Array, count: number, x: Int32Array, y: Int32Array, relevance: Relevance): Int32Array {
  const { frame } = relevance.reach.area
  const distances = new Float64Array(count)
  let farthest = 1
  for (let at = 0; at < count; at++) {
    const row = found[at]! >> 1
    distances[at] = distanceM(frame, x[row]!, y[row]!, relevance.eventX, relevance.eventY)
    farthest = Math.max(farthest, distances[at]!)
  }
  const ringOf = (at: number): number => Math.min(rings - 1, Math.floor((distances[at]! / farthest) * rings))
  const ends = new Int32Array(rings + 1)
  for (let at = 0; at < count; at++) ends[ringOf(at) + 1]!++
  for (let ring = 0; ring < rings; ring++) ends[ring + 1]! += ends[ring]!
  const rows = new Int32Array(count)
  for (let at = 0; at < count; at++) rows[ends[ringOf(at)]!++] = found[at]! >> 1
  return rows
}
