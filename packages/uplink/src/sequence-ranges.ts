/** A range of sequences, both ends belong to it. */
export interface SequenceRange {
  readonly first: number
  readonly last: number
}

/**
 * A set of sequences as ranges in order, apart from each other. Never a high-water mark: two regions may drain one node, so that
 * what one of them has can have holes.
 */
export interface SequenceRanges {
  has(sequence: number): boolean
  add(first: number, last?: number): void
  /** The last of the unbroken run that begins at `first`; `first - 1` if `first` is not in the set. */
  throughFrom(first: number): number
  /** What of a range is not in the set, in order. */
  missing(first: number, last: number): SequenceRange[]
  /** All ranges in order. */
  toArray(): SequenceRange[]
}

export function createSequenceRanges(ranges: Iterable<SequenceRange> = []): SequenceRanges {
  /** first, last, first, last … ascending. */
  const bounds: number[] = []

  /** Index of the first range whose last is `sequence` or beyond it. */
  function find(sequence: number): number {
    // Records come nearly in order, so it is nearly always the last range or none.
    let low = 0
    let high = bounds.length / 2
    if (high > 0 && sequence > bounds[bounds.length - 1]!) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle * 2 + 1]! < sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  function add(first: number, last = first): void {
    const from = find(first - 1)
    let to = from
    let newFirst = first
    let newLast = last
    for (; to * 2 < bounds.length && bounds[to * 2]! <= last + 1; to++) {
      newFirst = Math.min(newFirst, bounds[to * 2]!)
      newLast = Math.max(newLast, bounds[to * 2 + 1]!)
    }
    if (to === from + 1) {
      bounds[from * 2] = newFirst
      bounds[from * 2 + 1] = newLast
    } else bounds.splice(from * 2, (to - from) * 2, newFirst, newLast)
  }

  for (const { first, last } of ranges) add(first, last)

  return {
    add,
    has(sequence) {
      const at = find(sequence) * 2
      return at < bounds.length && bounds[at]! <= sequence
    },
    throughFrom(first) {
      const at = find(first) * 2
      return at < bounds.length && bounds[at]! <= first ? bounds[at + 1]! : first - 1
    },
    missing(first, last) {
      const missing: SequenceRange[] = []
      let next = first
      for (let at = find(first) * 2; at < bounds.length && bounds[at]! <= last; at += 2) {
        if (bounds[at]! > next) missing.push({ first: next, last: bounds[at]! - 1 })
        next = bounds[at + 1]! + 1
      }
      if (next <= last) missing.push({ first: next, last })
      return missing
    },
    toArray() {
      const all: SequenceRange[] = []
      for (let at = 0; at < bounds.length; at += 2) all.push({ first: bounds[at]!, last: bounds[at + 1]! })
      return all
    },
  }
}
