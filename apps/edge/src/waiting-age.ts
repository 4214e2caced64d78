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
 * At two looks a second the last 34 minutes to the half second, in 64 KB. When full, every second mark is dropped and they are set twice as
 * far apart: from then on the age is known to one part in 2,000 of what has waited longest.
 */
const marksMax = 4_096

export function createWaitingAge({ log, monotonicMs }: WaitingAgeOptions): WaitingAge {
  /** Oldest first: all up to `through` was written after `sinceMs`. */
  let marks: { readonly through: number; readonly sinceMs: number }[] = []
  let noted = 0
  let spacingMs = 0
  let lookedAtMs = monotonicMs()

  return {
    look() {
      const nowMs = monotonicMs()
      const { appendedThrough, cursor } = log
      const newest = marks.at(-1)
      if (appendedThrough > noted) {
        if (newest !== undefined && lookedAtMs - newest.sinceMs < spacingMs)
          marks[marks.length - 1] = { ...newest, through: appendedThrough }
        else marks.push({ through: appendedThrough, sinceMs: lookedAtMs })
      }
      noted = appendedThrough
      lookedAtMs = nowMs
      let done = 0
      while (done < marks.length && marks[done]!.through <= cursor) done++
      if (done > 0) marks.splice(0, done)
      if (marks.length === 0) spacingMs = 0
      if (marks.length < marksMax) return
      // A kept mark speaks for the dropped one before it, whose records are older: it takes that one's time.
      marks = marks.flatMap((mark, index) => (index % 2 === 1 ? [{ ...mark, sinceMs: marks[index - 1]!.sinceMs }] : []))
      spacingMs = Math.max(1_000, 2 * spacingMs)
    },
    oldestMs() {
      const oldest = marks.find(({ through }) => through > log.cursor)
      if (oldest !== undefined) return monotonicMs() - oldest.sinceMs
      return log.appendedThrough > log.cursor ? monotonicMs() - lookedAtMs : 0
    },
  }
}
