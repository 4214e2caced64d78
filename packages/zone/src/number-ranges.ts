/** A set of report numbers as ranges apart and in order. Numbers come nearly in order, so adding is nearly always at the end. */
export class NumberRanges {
  /** first, last, first, last … */
  readonly bounds: number[] = []

  get size(): number {
    return this.bounds.length / 2
  }

  has(number: number): boolean {
    const { bounds } = this
    if (bounds.length === 0 || number > bounds[bounds.length - 1]!) return false
    for (let at = bounds.length - 2; at >= 0; at -= 2) if (number >= bounds[at]!) return number <= bounds[at + 1]!
    return false
  }

  add(first: number, last: number = first): void {
    const { bounds } = this
    let at = bounds.length
    // The common case: the next number.
    if (at > 0 && bounds[at - 1] === first - 1) {
      bounds[at - 1] = last
      return
    }
    while (at > 0 && bounds[at - 1]! >= first - 1) at -= 2
    // `at` is the place of the first range that touches or follows the new one.
    let end = at
    let from = first
    let to = last
    while (end < bounds.length && bounds[end]! <= last + 1) {
      from = Math.min(from, bounds[end]!)
      to = Math.max(to, bounds[end + 1]!)
      end += 2
    }
    if (end === at + 2) {
      bounds[at] = from
      bounds[at + 1] = to
    } else bounds.splice(at, end - at, from, to)
  }

  addAll(other: NumberRanges): void {
    for (let at = 0; at < other.bounds.length; at += 2) this.add(other.bounds[at]!, other.bounds[at + 1]!)
  }

  /** Closes the oldest hole; its numbers, or undefined if there is none. */
  closeOldestHole(): { readonly first: number; readonly last: number } | undefined {
    const { bounds } = this
    if (bounds.length < 4) return undefined
    const hole = { first: bounds[1]! + 1, last: bounds[2]! - 1 }
    bounds.splice(1, 2)
    return hole
  }

  clear(): void {
    this.bounds.length = 0
  }
}
