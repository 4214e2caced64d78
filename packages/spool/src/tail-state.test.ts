import { expect, test } from 'vitest'
import { planTail, type TailFacts } from './tail-state.js'

/** A segment from sequence 10 on with three records of 36 bytes, all synced: whole. */
const whole: TailFacts = {
  firstSequence: 10,
  bytes: 172,
  segmentBytes: 1600,
  scan: { expected: 13, goodBytes: 172, damagedAt: undefined },
  watermark: { segmentFirst: 10, syncedBytes: 172, syncedThrough: 12 },
  cursor: 11,
}
const at = (syncedBytes: number, syncedThrough: number, segmentFirst = 10) => ({ segmentFirst, syncedBytes, syncedThrough })
const upTo = (expected: number, goodBytes: number, damagedAt?: number) => ({ expected, goodBytes, damagedAt })
const goesOn = { keepBytes: 172, nextSequence: 13, skip: undefined, lostSynced: false }

test.each<[string, Partial<TailFacts>, ReturnType<typeof planTail>]>([
  ['whole: goes on', {}, goesOn],
  ['whole, watermark behind: all of it counts', { watermark: at(64, 9) }, goesOn],
  ['a hole in what was not yet synced: no loss', { scan: upTo(13, 172, 100), watermark: at(100, 10) }, goesOn],
  [
    '20 torn bytes: cut, and the two records they may have begun are skipped',
    { bytes: 192 },
    { keepBytes: 172, nextSequence: 15, skip: 'torn', lostSynced: false },
  ],
  [
    'the last record unreadable, though synced: kept, skipped, told',
    { scan: upTo(12, 136) },
    { keepBytes: 172, nextSequence: 15, skip: 'damaged', lostSynced: true },
  ],
  [
    'the same, when the power took the watermark of it: cut, but its sequence is not given out again',
    { scan: upTo(12, 136), watermark: at(136, 11) },
    { keepBytes: 136, nextSequence: 15, skip: 'torn', lostSynced: false },
  ],
  [
    'cut short from outside: goes on behind what is known to have been',
    { bytes: 136, scan: upTo(12, 136) },
    { keepBytes: 136, nextSequence: 13, skip: 'damaged', lostSynced: true },
  ],
  [
    'cut short, and only the cursor knows how far it went',
    { bytes: 64, scan: upTo(10, 64), watermark: at(64, 9) },
    { keepBytes: 64, nextSequence: 12, skip: 'damaged', lostSynced: true },
  ],
  [
    'no watermark: nothing is cut, and all that the segment can have held is skipped',
    { bytes: 192, watermark: undefined },
    { keepBytes: 192, nextSequence: 110, skip: 'damaged', lostSynced: true },
  ],
  ['a later segment is gone', { watermark: at(100, 40, 30) }, { keepBytes: 172, nextSequence: 41, skip: 'damaged', lostSynced: true }],
])('%s', (_, change, plan) => {
  expect(planTail({ ...whole, ...change })).toEqual(plan)
})
