import { expect, test } from 'vitest'
import { createTraceClock } from './trace-clock.js'

test('ticks twice a second of the trace, each at its own time, before what comes then', () => {
  const clock = createTraceClock(500)
  const ticks: number[] = []
  const move = (timeS: number) => clock.moveTo(timeS, () => ticks.push(clock.nowS()))
  move(100)
  expect([ticks, clock.nowS()]).toEqual([[], 100])
  move(101)
  expect([ticks, clock.nowS()]).toEqual([[100.5, 101], 101])
  move(101.2)
  expect([ticks.length, clock.nowS()]).toEqual([2, 101.2])
  move(100)
  expect(clock.nowS()).toBe(101.2)
})

test('any base: seconds before 1970 or after 2100, and a gap of years is cut to 25 h without a loss of the base', () => {
  const clock = createTraceClock(500)
  let ticks = 0
  clock.moveTo(-1e9, () => ticks++)
  clock.moveTo(9e9, () => ticks++)
  expect([clock.nowS(), ticks]).toEqual([9e9, 25 * 3_600 * 2])
  const before = clock.monotonicMs()
  clock.moveTo(9e9 + 0.25, () => ticks++)
  expect([clock.nowS(), clock.monotonicMs() - before]).toEqual([9e9 + 0.25, 250])
})
