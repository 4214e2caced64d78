/** A ledger as the admin port shows it. */
export interface LedgerCounts {
  readonly targeted: number
  readonly acknowledged: number
  readonly expired: number
  readonly superseded: number
  readonly ended: number
  readonly withdrawn: number
  readonly moved: number
  /** By the number of the DropReason. */
  readonly dropped: readonly number[]
  readonly pending: number
}

/** What became of what was targeted; the design's first invariant is that this is all of it. */
export function accountedFor({ acknowledged, expired, superseded, ended, withdrawn, moved, dropped, pending }: LedgerCounts): number {
  return acknowledged + expired + superseded + ended + withdrawn + moved + dropped.reduce((sum, count) => sum + count, 0) + pending
}
