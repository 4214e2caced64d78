import type { Spool } from '@outrider/spool'

export interface WaitingAgeOptions {
  readonly log: Pick<Spool, 'appendedThrough' | 'cursor'>
  readonly monotonicMs: () => number
}

/** How long the oldest record has waited that the region has not acknowledged. Records have no times of their own here: looks do. */
export interface WaitingAge {
  /** Notes what was written since the last look. */
  look(): void
  /** ms; 0 if none waits. Too long by the time between two looks at most, and by more for what waits long. */
  oldestMs(): number
}

/**
 * At two looks a second the last 34 minutes exactly. When full, every second mark is dropped, so that what waits for days is known to the
 * quarter of an hour and this stays at 64 KB.
 */
const marksMax = 4_096

export function createWaitingAge({ log, monotonicMs }: WaitingAgeOptions): WaitingAge {
  /** Oldest first: all up to `through` was written after `sinceMs`. */
  let marks: { readonly through: number; readonly sinceMs: number }[] = []
  let noted = 0
  let lookedAtMs = monotonicMs()

  return {
    look() {
      const nowMs = monotonicMs()
      const { appendedThrough, cursor } = log
      if (appendedThrough > noted) marks.push({ through: appendedThrough, sinceMs: lookedAtMs })
      noted = appendedThrough
      lookedAtMs = nowMs
      let done = 0
      while (done < marks.length && marks[done]!.through <= cursor) done++
      if (done > 0) marks.splice(0, done)
      // A kept mark speaks for the dropped one before it, whose records are older: it takes that one's time.
      if (marks.length === marksMax) {
        marks = marks.flatMap((mark, index) => (index % 2 === 1 ? [{ through: mark.through, sinceMs: marks[index - 1]!.sinceMs }] : []))
      }
    },
    oldestMs() {
      const oldest = marks.find(({ through }) => through > log.cursor)
      if (oldest !== undefined) return monotonicMs() - oldest.sinceMs
      return log.appendedThrough > log.cursor ? monotonicMs() - lookedAtMs : 0
    },
  }
}
