// Entries by key, each with the time it is due next, and the room they have.
import type { AlertEntry } from './alert-entry.js'
import type { AlertDraft } from './alert-registry.js'
import type { Due } from './due-heap.js'
import { createDueHeap } from './due-heap.js'
import { tombstoneMs } from './keep-time.js'

/** An entry and what this process alone knows of it. */
export interface StoredAlert<Area> extends Due {
  entry: AlertEntry<Area>
  /** When to ask next whether evidence lasts; Infinity = never. */
  askAtMs: number
  /** What it was written from, if it is our own. */
  draft: AlertDraft | undefined
}

export interface AlertStore<Area> {
  readonly size: number
  get(key: string): StoredAlert<Area> | undefined
  values(): IterableIterator<StoredAlert<Area>>
  /** Adds an entry, or replaces the one of its key; `draft` and `askAtMs` are those of our own alerts. */
  put(entry: AlertEntry<Area>, draft?: AlertDraft, askAtMs?: number): StoredAlert<Area>
  /** Asks later. */
  postpone(stored: StoredAlert<Area>, askAtMs: number): void
  remove(stored: StoredAlert<Area>): void
  /** The one due first: to expire, to be renewed, or to be forgotten. */
  first(): StoredAlert<Area> | undefined
  /** The entry that is missed least: expired before ended, the soonest to be forgotten. Undefined if all are active. Linear; only when full. */
  leastMissed(): StoredAlert<Area> | undefined
}

export function createAlertStore<Area>(): AlertStore<Area> {
  const byKey = new Map<string, StoredAlert<Area>>()
  const heap = createDueHeap<StoredAlert<Area>>()

  function schedule(stored: StoredAlert<Area>): StoredAlert<Area> {
    const { entry } = stored
    stored.dueMs = entry.state === 'active' ? Math.min(entry.validUntilMs, stored.askAtMs) : entry.keepUntilMs + tombstoneMs
    heap.place(stored)
    return stored
  }

  return {
    get size() {
      return byKey.size
    },
    get: key => byKey.get(key),
    values: () => byKey.values(),
    put(entry, draft, askAtMs = Number.POSITIVE_INFINITY) {
      let stored = byKey.get(entry.key)
      if (stored === undefined) {
        stored = { entry, draft, askAtMs, dueMs: 0, heapIndex: -1 }
        byKey.set(entry.key, stored)
      } else {
        stored.entry = entry
        stored.draft = draft
        stored.askAtMs = askAtMs
      }
      return schedule(stored)
    },
    postpone(stored, askAtMs) {
      stored.askAtMs = askAtMs
      schedule(stored)
    },
    remove(stored) {
      byKey.delete(stored.entry.key)
      heap.remove(stored)
    },
    first: heap.first,
    leastMissed() {
      let found: StoredAlert<Area> | undefined
      for (const stored of byKey.values()) {
        if (stored.entry.state === 'active') continue
        if (found === undefined || misses(stored) < misses(found)) found = stored
      }
      return found
    },
  }
}

/** Expired ones first: were they heard of again they would still be expired, while an ended one forgotten could come back. */
function misses(stored: StoredAlert<unknown>): number {
  return stored.entry.keepUntilMs + (stored.entry.state === 'ended' ? 1e15 : 0)
}
