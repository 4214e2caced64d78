import { createFenceIndex, type Extent, type Frame, placeIn, places } from '@outrider/geo'
import type { Relevance } from './relevance.js'

/** The active alerts by the slot delivery gave them, and the index that finds those around a position. */
export interface ActiveAlerts {
  /**
   * Alerts whose reach holds a position, each as `slot * 2 + 1` if it is in the area, `slot * 2` if it is only near. Writes at most `out.length`
   * of them and returns how many there are. Outside the indexed box, where few are, every active alert is looked at.
   */
  around(x: number, y: number, out: Int32Array): number
  /** @param isNews false if whoever was concerned still is: a renewal, an area that travelled on */
  set(slot: number, key: string, relevance: Relevance, isNews: boolean): void
  delete(slot: number): void
  /** Undefined = no active alert has the slot. */
  relevanceOf(slot: number): Relevance | undefined
  keyOf(slot: number): string | undefined
  /** Counts what was news in this slot, over all the alerts that had it, from 1. */
  versionOf(slot: number): number
  readonly slots: ReadonlySet<number>
  /** Slots of areas that travel. */
  readonly moving: ReadonlySet<number>
  readonly size: number
}

export function createActiveAlerts(frame: Frame, extent: Extent, alertsMax: number): ActiveAlerts {
  const fences = createFenceIndex({ frame, extent, fencesMax: alertsMax })
  const relevances: (Relevance | undefined)[] = new Array(alertsMax).fill(undefined)
  const keys: (string | undefined)[] = new Array(alertsMax).fill(undefined)
  const versions = new Uint32Array(alertsMax)
  const moving = new Set<number>()
  const slots = new Set<number>()
  return {
    around(x, y, out) {
      if (x >= extent.minX && x <= extent.maxX && y >= extent.minY && y <= extent.maxY) return fences.query(x, y, out)
      let found = 0
      for (const slot of slots) {
        const place = placeIn(relevances[slot]!.reach, x, y)
        if (place === places.outside) continue
        if (found < out.length) out[found] = slot * 2 + (place === places.inside ? 1 : 0)
        found++
      }
      return found
    },
    slots,
    moving,
    set(slot, key, relevance, isNews) {
      if (isNews) versions[slot]!++
      relevances[slot] = relevance
      keys[slot] = key
      fences.set(slot, relevance.reach)
      slots.add(slot)
      if (relevance.moves) moving.add(slot)
      else moving.delete(slot)
    },
    delete(slot) {
      relevances[slot] = undefined
      keys[slot] = undefined
      moving.delete(slot)
      slots.delete(slot)
      fences.delete(slot)
    },
    relevanceOf: slot => relevances[slot],
    keyOf: slot => keys[slot],
    versionOf: slot => versions[slot]!,
    get size() {
      return slots.size
    },
  }
}
