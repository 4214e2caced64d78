// Which vehicle holds what nobody has named here yet; what is made of it stands in tell-unheard.ts.
import type { Held } from '@outrider/delivery'

/** At some 200 bytes 13 MB: 16 alerts of 4,000 vehicles that come at once. Above, and above a vehicle's 64, it is told `unknown` at once. */
const entriesMax = 65_536
const entriesPerRowMax = 64

export interface Unheard extends Held {
  readonly row: number
  readonly key: string
  /** When the vehicle is told, monotonic ms. */
  readonly dueAtMs: number
}

export interface UnheardAlerts {
  /** False if there is no room. */
  add(entry: Unheard): boolean
  /** Takes out what is held of an alert. */
  take(key: string): readonly Unheard[]
  /** Takes out what one vehicle holds of it. */
  takeOf(row: number, key: string): Unheard | undefined
  /** Those that are due, in order; each once. Until it is forgotten, `take` still finds it. */
  due(nowMs: number): Unheard[]
  /** Due with the next look, whatever waits before it. */
  putBack(entry: Unheard): void
  forget(entry: Unheard): void
  forgetRow(row: number): void
  readonly size: number
}

export function createUnheardAlerts(): UnheardAlerts {
  const byKey = new Map<string, Map<number, Unheard>>()
  const byRow = new Map<number, Map<string, Unheard>>()
  /** In order of time: all wait equally long. */
  const waiting = new Set<Unheard>()
  /** Could not be told when it was time. */
  const again = new Set<Unheard>()
  let size = 0

  function remove(entry: Unheard): void {
    const { key, row } = entry
    const ofKey = byKey.get(key)
    const ofRow = byRow.get(row)
    if (ofKey?.delete(row) && ofKey.size === 0) byKey.delete(key)
    if (ofRow?.delete(key) && ofRow.size === 0) byRow.delete(row)
    waiting.delete(entry)
    again.delete(entry)
    size--
  }
  return {
    get size() {
      return size
    },
    add(entry) {
      const { key, row } = entry
      const ofRow = byRow.get(row) ?? new Map<string, Unheard>()
      const before = ofRow.get(key)
      if (before !== undefined) remove(before)
      if (size >= entriesMax || ofRow.size >= entriesPerRowMax) return false
      const ofKey = byKey.get(key) ?? new Map<number, Unheard>()
      byKey.set(key, ofKey.set(row, entry))
      byRow.set(row, ofRow.set(key, entry))
      waiting.add(entry)
      size++
      return true
    },
    take(key) {
      const entries = [...(byKey.get(key)?.values() ?? [])]
      for (const entry of entries) remove(entry)
      return entries
    },
    takeOf(row, key) {
      const entry = byRow.get(row)?.get(key)
      if (entry !== undefined) remove(entry)
      return entry
    },
    due(nowMs) {
      const entries = new Set(again)
      again.clear()
      for (const entry of waiting) {
        if (entry.dueAtMs > nowMs) break
        entries.add(entry)
      }
      for (const entry of entries) waiting.delete(entry)
      return [...entries]
    },
    putBack: entry => void again.add(entry),
    forget: remove,
    forgetRow(row) {
      for (const entry of [...(byRow.get(row)?.values() ?? [])]) remove(entry)
    },
  }
}
