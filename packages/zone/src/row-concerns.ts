/*
 * Which active alerts each vehicle is concerned by now, as columns: what was so before a report and what is so after it are compared, and
 * the difference is who enters and who leaves. An entry is of one version of the alert (`ActiveAlerts.versionOf`): a new revision asks
 * everybody anew, and a slot may be another alert's by now. At most `concernsMax` a vehicle; of more, the rest is looked at again with every
 * report (delivery recognises what it has), and nobody is told when he leaves it.
 */
const concernsMax = 32

export interface RowConcerns {
  has(row: number, slot: number): boolean
  /** Where `at` has it, below 32; -1 = nowhere. */
  indexOf(row: number, slot: number): number
  /** Of this version from now on. */
  add(row: number, slot: number, version: number): void
  remove(row: number, slot: number): void
  countOf(row: number): number
  /** The i-th, in no order; `remove` moves the last one into its place, so walk downwards. */
  at(row: number, index: number): number
  versionAt(row: number, index: number): number
  clear(row: number): void
}

export function createRowConcerns(rowsMax: number): RowConcerns {
  const slots = new Int32Array(rowsMax * concernsMax)
  const versions = new Uint32Array(rowsMax * concernsMax)
  const counts = new Uint8Array(rowsMax)
  /** Its place in the columns, or -1. */
  const placeOf = (row: number, slot: number): number => {
    const first = row * concernsMax
    for (let at = first + counts[row]! - 1; at >= first; at--) if (slots[at] === slot) return at
    return -1
  }
  return {
    indexOf(row, slot) {
      const at = placeOf(row, slot)
      return at < 0 ? -1 : at - row * concernsMax
    },
    has: (row, slot) => counts[row] !== 0 && placeOf(row, slot) >= 0,
    add(row, slot, version) {
      let at = placeOf(row, slot)
      if (at < 0) {
        if (counts[row]! >= concernsMax) return
        at = row * concernsMax + counts[row]!++
      }
      slots[at] = slot
      versions[at] = version
    },
    remove(row, slot) {
      const at = placeOf(row, slot)
      if (at < 0) return
      const last = row * concernsMax + --counts[row]!
      slots[at] = slots[last]!
      versions[at] = versions[last]!
    },
    countOf: row => counts[row]!,
    at: (row, index) => slots[row * concernsMax + index]!,
    versionAt: (row, index) => versions[row * concernsMax + index]!,
    clear(row) {
      counts[row] = 0
    },
  }
}
