// A spool in memory that keeps the contract and can crash: what is not synced is gone, and the sequences go on behind a torn gap.
import { type Spool, SpoolError, type SpoolItem } from '@outrider/spool'
import type { UplinkTime } from './link.js'

/** What survives a crash. */
export interface SimulatedDisk {
  readonly epoch: number
  /** Synced items by sequence; a missing one is damaged. */
  readonly records: Map<number, Uint8Array>
  synced: number
  first: number
  cursor: number
  /** Sequences that were given out and lost in a crash. */
  readonly torn: Set<number>
}

export function createSimulatedDisk(epoch: number): SimulatedDisk {
  return { epoch, records: new Map(), synced: 0, first: 1, cursor: 0, torn: new Set() }
}

export interface SimulatedSpool extends Spool {
  /** Ends the process that holds it. */
  crash(): void
}

const segmentRecords = 7

export function createSimulatedSpool(disk: SimulatedDisk, time: UplinkTime, syncMs = 2, pendingMax = 40): SimulatedSpool {
  const unsynced: { readonly sequence: number; readonly bytes: Uint8Array }[] = []
  let last = 0
  let dead = false
  let cancelSync: (() => void) | undefined
  const wake: (() => void)[] = []
  const waiters: { readonly sequence: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []

  function sync(): void {
    cancelSync = undefined
    for (const { sequence, bytes } of unsynced.splice(0)) {
      disk.records.set(sequence, bytes)
      disk.synced = sequence
    }
    for (const waiter of waiters.splice(0)) waiter.resolve()
    stir()
  }

  function stir(): void {
    for (const call of wake.splice(0)) call()
  }

  function itemAt(from: number): SpoolItem & { readonly next: number } {
    const bytes = disk.records.get(from)
    if (from >= disk.first && bytes !== undefined) return { kind: 'record', sequence: from, bytes, next: from + 1 }
    const reason = from < disk.first ? 'capped' : disk.torn.has(from) ? 'torn' : 'damaged'
    let end = from
    while (end < disk.synced && (end + 1 < disk.first || !disk.records.has(end + 1)) && disk.torn.has(end + 1) === disk.torn.has(from))
      end++
    return { kind: 'gap', first: from, last: end, reason, next: end + 1 }
  }

  async function* iterate(from: number, follows: boolean, signal?: AbortSignal): AsyncIterableIterator<SpoolItem> {
    for (let at = from; !dead && !signal?.aborted; ) {
      if (at <= disk.synced) {
        const { next, ...item } = itemAt(at)
        at = next
        yield item as SpoolItem
      } else if (!follows) return
      else
        await new Promise<void>(resolve => {
          wake.push(resolve)
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
    }
  }

  function stop(): void {
    if (dead) return
    dead = true
    cancelSync?.()
    for (const waiter of waiters.splice(0)) waiter.reject(new SpoolError('closed', 'stopped'))
    stir()
  }

  return {
    async start() {
      const nextSequence = disk.synced + 1
      last = disk.synced
      return {
        created: disk.synced === 0,
        epoch: disk.epoch,
        firstSequence: disk.first,
        nextSequence,
        cursor: disk.cursor,
        cutBytes: 0,
        skipped: undefined,
        damaged: false,
      }
    },
    append(bytes) {
      if (dead) return { refused: 'closed' }
      if (unsynced.length >= pendingMax) return { refused: 'pending_full' }
      last++
      unsynced.push({ sequence: last, bytes: bytes.slice() })
      cancelSync ??= time.schedule(syncMs, sync)
      return last
    },
    async whenSynced(sequence) {
      if (sequence <= disk.synced) return
      if (dead) throw new SpoolError('closed', 'stopped')
      if (sequence > last) throw new SpoolError('not_appended', `${sequence}`)
      await new Promise<void>((resolve, reject) => waiters.push({ sequence, resolve, reject }))
    },
    get syncedThrough() {
      return disk.synced
    },
    get appendedThrough() {
      return Math.max(last, disk.synced)
    },
    get cursor() {
      return disk.cursor
    },
    get firstSequence() {
      return disk.first
    },
    get heldBytes() {
      return 0
    },
    refusing: undefined,
    read: ({ from, signal }) => iterate(from, false, signal),
    follow: ({ from, signal }) => iterate(from, true, signal),
    async commitCursor(sequence) {
      if (dead) throw new SpoolError('closed', 'stopped')
      if (sequence > disk.synced) throw new SpoolError('not_appended', `${sequence}`)
      disk.cursor = Math.max(disk.cursor, sequence)
      while (disk.first + segmentRecords - 1 <= disk.cursor) {
        for (let i = 0; i < segmentRecords; i++) disk.records.delete(disk.first + i)
        disk.first += segmentRecords
      }
    },
    async stop() {
      if (!dead) sync()
      stop()
    },
    crash() {
      const lost = unsynced.splice(0)
      stop()
      // As the real one: sequences that may have been given out are not given out again.
      for (const { sequence } of lost) disk.torn.add(sequence)
      if (lost.length > 0) disk.synced = lost[lost.length - 1]!.sequence
    },
  }
}
