import type { AlertTail, outrider } from '@outrider/protocol'
import type { CountRow, RevisionCounts } from './ledger.js'
import { addCounts, createCountRow, readCounts } from './ledger.js'
import type { SharedFrames } from './shared-frames.js'

/** Revisions whose counts are kept apart: a renewed alert's last minutes. Older ones are closed and added up. */
const revisionsApartMax = 32

/** An alert as the deliveries know it. */
export interface AlertSlot {
  readonly key: string
  readonly id: outrider.v1.AlertId.$Properties
  /** Newest revision. */
  revision: number
  priority: number
  validUntilMs: number
  ended: boolean
  /** Undefined = not to be sent: known from records only. */
  frames: SharedFrames<AlertTail> | undefined
  /** Once it ended. */
  endFrames: SharedFrames<undefined> | undefined
  /** Once somebody was withdrawn. */
  withdrawnFrames: SharedFrames<undefined> | undefined
  /** Counts by revision, in order; the last `revisionsApartMax`. */
  readonly counts: { readonly revision: number; readonly row: CountRow }[]
  earlier: CountRow | undefined
}

export function createAlertSlot(key: string, id: outrider.v1.AlertId.$Properties): AlertSlot {
  const frames = { frames: undefined, endFrames: undefined, withdrawnFrames: undefined }
  return { key, id, revision: 0, priority: 0, validUntilMs: 0, ended: false, ...frames, counts: [], earlier: undefined }
}

/** The counts of a revision; those too old to be kept apart share one row. */
export function countsOf(alert: AlertSlot, revision: number): CountRow {
  const { counts } = alert
  for (let at = counts.length - 1; at >= 0; at--) {
    const known = counts[at]!
    if (known.revision === revision) return known.row
    if (known.revision < revision) return insertCounts(alert, at + 1, revision)
  }
  if (alert.earlier !== undefined) return alert.earlier
  return insertCounts(alert, 0, revision)
}

export function readLedger(alert: AlertSlot): readonly RevisionCounts[] {
  const apart = alert.counts.map(({ revision, row }) => ({ revision, ...readCounts(row) }))
  return alert.earlier === undefined ? apart : [{ revision: 0, ...readCounts(alert.earlier) }, ...apart]
}

function insertCounts(alert: AlertSlot, at: number, revision: number): CountRow {
  const row = createCountRow()
  alert.counts.splice(at, 0, { revision, row })
  if (alert.counts.length <= revisionsApartMax) return row
  const oldest = alert.counts.shift()!
  if (alert.earlier === undefined) alert.earlier = oldest.row
  else addCounts(alert.earlier, oldest.row)
  return oldest.row === row ? alert.earlier : row
}
