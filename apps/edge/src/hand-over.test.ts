import type { outrider } from '@outrider/protocol'
import { expect, it } from 'vitest'
import { createHandOver } from './hand-over.js'

type LiveAlert = outrider.v1.LiveAlert.$Properties
type LiveEnd = outrider.v1.LiveEnd.$Properties

/** A zone that takes `costMs` for each thing, on a clock that only it and the test move. */
function setUp(costMs: number) {
  let nowMs = 0
  const turns: (() => void)[] = []
  const taken: { readonly sequence: number; readonly remainingMs: number; readonly kind: string }[] = []
  let flushes = 0
  const take = (kind: string, sequence = 0, remainingMs = -1) => {
    taken.push({ kind, sequence, remainingMs })
    nowMs += costMs
    return { outcome: 'ignored', reason: 'repeated' } as const
  }
  const handOver = createHandOver({
    zone: {
      takeAlert: ({ alert, remainingMs }: LiveAlert) => take('alert', alert?.id?.sequence ?? 0, remainingMs ?? -1),
      takeEnd: ({ end, keepRemainingMs }: LiveEnd) => take('end', end?.alertId?.sequence ?? 0, keepRemainingMs ?? -1),
    },
    monotonicMs: () => nowMs,
    nextTurn: call => turns.push(call),
    onTaken: () => flushes++,
  })
  return {
    handOver,
    taken,
    pass: (ms: number) => {
      nowMs += ms
    },
    turn: () => turns.shift()?.(),
    turns: () => turns.length,
    flushes: () => flushes,
  }
}

const alert = (sequence: number, remainingMs: number, revision = 1): LiveAlert => ({
  alert: { id: { node: 'n', boot: 1, sequence }, revision },
  remainingMs,
  keepRemainingMs: remainingMs,
})
const end = (sequence: number): LiveEnd => ({ end: { alertId: { node: 'n', boot: 1, sequence } }, keepRemainingMs: 9_000 })

it('takes nothing within the call, and in a turn as much as its slice allows', () => {
  const { handOver, taken, turn, turns, flushes } = setUp(0.2)
  for (let sequence = 1; sequence <= 7; sequence++) handOver.takeAlert(alert(sequence, 5_000))
  expect([taken.length, turns()]).toEqual([0, 1])
  turn()
  expect(taken.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  turn()
  turn()
  expect(taken.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect([turns(), flushes(), handOver.waiting]).toEqual([0, 3, 0])
  expect(handOver.counts).toEqual({ alert_repeated: 7 })
})

it('takes one a turn at least, however long it takes', () => {
  const { handOver, taken, turn } = setUp(10)
  handOver.takeAlert(alert(1, 5_000))
  handOver.takeEnd(end(2))
  turn()
  expect(taken).toHaveLength(1)
  turn()
  expect(taken).toHaveLength(2)
})

it('counts remainders down while they wait, and never below nothing', () => {
  const { handOver, taken, pass, turn } = setUp(0)
  handOver.takeAlert(alert(1, 5_000))
  handOver.takeAlert(alert(2, 100))
  handOver.takeEnd(end(3))
  pass(400.5)
  turn()
  expect(taken.map(({ remainingMs }) => remainingMs)).toEqual([4_599, 0, 8_599])
})

it('takes of one alert the newest, and its end beside it', () => {
  const { handOver, taken, turn } = setUp(0)
  handOver.takeAlert(alert(1, 5_000))
  handOver.takeEnd(end(1))
  handOver.takeAlert(alert(1, 4_000, 2))
  turn()
  expect(taken).toEqual([
    { kind: 'alert', sequence: 1, remainingMs: 4_000 },
    { kind: 'end', sequence: 1, remainingMs: 9_000 },
  ])
})

it('loses nothing beyond its bound: what comes then is taken at once', () => {
  const { handOver, taken } = setUp(0)
  for (let sequence = 1; sequence <= 32_768; sequence++) handOver.takeAlert(alert(sequence, 5_000))
  expect(taken).toHaveLength(0)
  handOver.takeAlert(alert(40_000, 5_000))
  expect(taken.map(({ sequence }) => sequence)).toEqual([40_000])
  expect(handOver.waiting).toBe(32_768)
})
