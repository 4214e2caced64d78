import { expect, it } from 'vitest'
import { createCorrectedClock } from './corrected-clock.js'

it('corrects wall time and leaves the monotonic clock alone', () => {
  const clock = createCorrectedClock({ monotonicMs: () => 5_000, rawWallMs: () => 1_790_000_000_000 })
  const read = () => [clock.monotonicMs(), clock.wallMs(), clock.wallOffsetMs()]
  expect(read()).toEqual([5_000, 1_790_000_000_000, 0])
  expect(clock.health().detail).toBe('not compared with a region')
  clock.correct({ offsetMs: -250.5, roundTripMs: 1 })
  expect(read()).toEqual([5_000, 1_789_999_999_749.5, -250.5])
  expect(clock.health()).toEqual({ ok: true, detail: '251 ms ahead of the region, corrected' })
  // The region is away: what was heard last stays.
  clock.correct(undefined)
  expect(clock.wallOffsetMs()).toBe(-250.5)
})

it('says so when this machine is off by more than a second', () => {
  const clock = createCorrectedClock({ monotonicMs: () => 0, rawWallMs: () => 0 })
  clock.correct({ offsetMs: 1_000, roundTripMs: 1 })
  expect(clock.health().detail).not.toContain('over 1 s')
  clock.correct({ offsetMs: 1_001, roundTripMs: 1 })
  expect(clock.health()).toMatchObject({ ok: true, detail: expect.stringContaining('1001 ms behind the region, corrected; over 1 s') })
})
