// One watcher: a snapshot if it needs one, then what happens, as fast as it reads. It keeps a place in the history, not a queue; who falls
// further behind than the history reaches gets a marked snapshot once more.
import { encodeLiveAlert, encodeLiveEnd } from '@outrider/alerts'
import type { outrider } from '@outrider/protocol'
import type { AlertBoard, BoardChange, BoardEntry } from './alert-board.js'
import type { AlertMatch } from './alert-filter.js'
import type { AlertHistory } from './alert-history.js'
import { liveAlertOf } from './alert-writer.js'

type WatchResponse = outrider.v1.AlertServiceWatchResponse.$Properties

/** Where the messages go. */
export interface WatchStream {
  /** False: write no more until `onWritable`. */
  write(message: WatchResponse): boolean
}

export interface AlertWatch {
  onWritable(): void
  close(): void
}

export interface AlertWatchOptions {
  readonly board: AlertBoard
  readonly history: AlertHistory
  readonly match: AlertMatch
  /** As the caller gave it; empty: from now. */
  readonly resumeToken: string
  readonly stream: WatchStream
  readonly schedule: (delayMs: number, call: () => void) => () => void
}

/** The contract says at least every 15 s. */
const aliveMs = 10_000

export function createAlertWatch({ board, history, match, resumeToken, stream, schedule }: AlertWatchOptions): AlertWatch {
  let seen = resumeToken === '' ? undefined : history.resume(resumeToken)
  /** What of a snapshot is still to be sent; its entries are at most the board's. */
  let snapshot: { readonly entries: BoardEntry[]; next: number; readonly asOf: number } | undefined
  let writable = true
  let closed = false
  let wrote = false
  let cancelAlive = schedule(aliveMs, alive)
  const unlisten = history.onAdded(() => flush())
  const cancelFirst = schedule(0, flush)

  function flush(): void {
    while (writable && !closed) {
      if (snapshot !== undefined) snapshotStep(snapshot)
      else if (seen === undefined || (seen < history.newest && history.at(seen + 1) === undefined)) beginSnapshot()
      else if (seen < history.newest) {
        seen++
        const message = messageOf(history.at(seen)!)
        if (message !== undefined) write({ ...message, resumeToken: history.token(seen) })
      } else return
    }
  }

  function beginSnapshot(): void {
    snapshot = { entries: [...board.entries()].filter(match), next: 0, asOf: history.newest }
  }

  function snapshotStep(of: NonNullable<typeof snapshot>): void {
    const entry = of.entries[of.next++]
    if (entry !== undefined) {
      const alert = liveAlertOf(board.get(entry.key) ?? entry, board.now().monotonicMs)
      // A token from within a snapshot leads to a new one: half of one is nothing to go on from.
      write({ snapshot: true, resumeToken: '', alert })
      return
    }
    snapshot = undefined
    seen = of.asOf
    write({ snapshot: true, resumeToken: history.token(seen), snapshotComplete: { entries: of.entries.length } })
  }

  function messageOf(change: BoardChange): WatchResponse | undefined {
    if (change.kind === 'expired' || change.kind === 'forgotten') return undefined // everybody counts down by himself
    const { entry } = change
    const { monotonicMs } = board.now()
    if (entry.state !== 'ended') return match(entry) ? { alert: encodeLiveAlert(entry, monotonicMs) } : undefined
    // Who was told of the alert is told of its end, whatever the filter says of ended ones.
    const told = change.kind === 'ended' ? change.before : undefined
    return match(entry) || (told !== undefined && match({ ...told, state: 'active' }))
      ? { end: encodeLiveEnd(entry, monotonicMs) }
      : undefined
  }

  function write(message: WatchResponse): void {
    wrote = true
    writable = stream.write(message)
  }

  function alive(): void {
    if (!wrote && writable && snapshot === undefined && seen !== undefined) {
      write({ resumeToken: history.token(seen), alive: { timeMs: board.now().wallMs } })
    }
    wrote = false
    cancelAlive = schedule(aliveMs, alive)
  }

  return {
    onWritable() {
      writable = true
      flush()
    },
    close() {
      closed = true
      unlisten()
      cancelFirst()
      cancelAlive()
    },
  }
}
