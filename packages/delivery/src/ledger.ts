/** Counts of deliveries. targeted = acknowledged + expired + superseded + ended + withdrawn + moved + dropped + pending, at any moment. */
export interface LedgerCounts {
  readonly targeted: number
  readonly acknowledged: number
  readonly expired: number
  readonly superseded: number
  readonly ended: number
  readonly withdrawn: number
  readonly moved: number
  /** By DropReason number. */
  readonly dropped: readonly number[]
  readonly pending: number
  /** Of the acknowledged: opened by the acknowledgement. */
  readonly recovered: number
  /** Of the acknowledged: the vehicle held it before it was sent. */
  readonly alreadyHeld: number
}

export interface RevisionCounts extends LedgerCounts {
  /** 0 = all before the ones listed. */
  readonly revision: number
}
