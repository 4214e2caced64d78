/*
 * Which active alerts each vehicle is concerned by now, as columns: what was so before a report and what is so after it are compared, and
 * the difference is who enters and who leaves. At most `concernsMax` a vehicle; of more, the rest is looked at again with every report
 * (delivery recognises what it has), and nobody is told when he leaves it.
 *
 * A concern is of one revision. A newer one is a new question: whoever it was put to when it was published (those in the grid) has the
 * answer here; for all others, the silent and the gone, the concern is merely pending, and their next report answers it.
 */
const concernsMax = 32

export interface RowConcerns {
  /** True if the alert's newest revision concerns the vehicle. */
  has(row: number, slot: number): boolean
  add(row: number, slot: number): void
  /** The vehicle may have the alert; whether it concerns it is for its next report to say. */
  addPending(row: number, slot: number): void
  remove(row: number, slot: number): void
  /** The slot holds a newer revision, or another alert: all its concerns are pending, in constant time. */
  revise(slot: number): void
  /** Pending ones too. */
  countOf(row: number): number
  /** The i-th, in no order; `remove` moves the last one into its place, so walk downwards. */
  at(row: number, index: number): number
  clear(row: number): void
}

/** 6 bytes a concern, 193 a row. */
export function createRowConcerns(rowsMax: number, slotsMax: number): RowConcerns {
  const slots = new Int32Array(rowsMax * concernsMax)
  /** Revisions of the slot when the concern was added. It wraps after 65,536, of which nobody sleeps through all: the gone are forgotten after minutes. */
  const stamps = new Uint16Array(rowsMax * concernsMax)
  const revisions = new Uint16Array(slotsMax)
  const counts = new Uint8Array(rowsMax)
  const indexOf = (row: number, slot: number): number => {
    const first = row * concernsMax
    for (let at = first + counts[row]! - 1; at >= first; at--) if (slots[at] === slot) return at
    return -1
  }
  const append = (row: number, slot: number): number => {
    if (counts[row]! >= concernsMax) return -1
    const at = row * concernsMax + counts[row]!++
    slots[at] = slot
    return at
  }
  return {
    has(row, slot) {
      const at = counts[row] === 0 ? -1 : indexOf(row, slot)
      return at >= 0 && stamps[at] === revisions[slot]
    },
    add(row, slot) {
      const known = indexOf(row, slot)
      const at = known >= 0 ? known : append(row, slot)
      if (at >= 0) stamps[at] = revisions[slot]!
    },
    addPending(row, slot) {
      if (indexOf(row, slot) >= 0) return
      const at = append(row, slot)
      if (at >= 0) stamps[at] = revisions[slot]! - 1
    },
    remove(row, slot) {
      const at = indexOf(row, slot)
      if (at < 0) return
      const last = row * concernsMax + --counts[row]!
      slots[at] = slots[last]!
      stamps[at] = stamps[last]!
    },
    revise(slot) {
      revisions[slot]!++
    },
    countOf: row => counts[row]!,
    at: (row, index) => slots[row * concernsMax + index]!,
    clear(row) {
      counts[row] = 0
    },
  }
}
