import type { PlatformSocket, SocketEvents } from '@outrider/sdk'
import { expect, test } from 'vitest'
import { createFrameTurns } from './frame-turns.js'

/** Two vehicles, a clock that is set by hand, and turns that end when told to. */
function twoVehicles() {
  let nowMs = 0
  const scheduled: (() => void)[] = []
  const sockets: SocketEvents[] = []
  const clock = { monotonicMs: () => nowMs, wallMs: () => 1_000_000 + nowMs }
  const turns = createFrameTurns(
    (_request, events) => {
      sockets.push(events)
      return { send: () => {}, bufferedBytes: 0, close: () => {}, abort: () => {} }
    },
    clock,
    call => scheduled.push(call),
  )
  const opened: PlatformSocket[] = []
  const seen: (readonly [string, number, number])[] = []
  const clocks = ['one', 'two'].map(name => {
    const frames = turns.vehicle()
    const note = (what: string) => {
      seen.push([`${name} ${what}`, frames.clock.monotonicMs(), frames.clock.wallMs()])
      nowMs += 5 // The work of it.
    }
    const request = { url: 'ws://one.example', protocols: [], token: '', messageBytesMax: 1 }
    opened.push(
      frames.openSocket(request, {
        opened: () => note('opened'),
        message: bytes => note(`frame ${bytes[0]}`),
        closed: () => note('closed'),
      }),
    )
    return frames.clock
  })
  return {
    sockets,
    opened,
    seen,
    clocks,
    at(ms: number, call: () => void) {
      nowMs = ms
      call()
    },
    endTurn: () => scheduled.splice(0).forEach(call => void call()),
  }
}

test('a frame is as old as its arrival, whatever others did before it was taken', () => {
  const { sockets, seen, clocks, at, endTurn } = twoVehicles()
  at(10, () => sockets[0]!.message(Uint8Array.of(1)))
  at(11, () => sockets[1]!.message(Uint8Array.of(2)))
  at(12, () => sockets[0]!.closed({ code: 1006, reason: '' }))
  expect(seen).toEqual([])
  at(13, endTurn)
  expect(seen).toEqual([
    ['one frame 1', 10, 1_000_010],
    ['two frame 2', 11, 1_000_011],
    ['one closed', 12, 1_000_012],
  ])
  expect(clocks[0]!.monotonicMs()).toBe(28)
})

test('few are taken at a time, so that sockets are read between them', () => {
  const { sockets, seen, at, endTurn } = twoVehicles()
  at(1, () => [1, 2, 3, 4, 5].forEach(number => void sockets[0]!.message(Uint8Array.of(number))))
  endTurn()
  expect(seen).toHaveLength(4)
  at(30, () => sockets[1]!.message(Uint8Array.of(6)))
  endTurn()
  expect(seen.slice(4).map(([what, atMs]) => [what, atMs])).toEqual([
    ['one frame 5', 1],
    ['two frame 6', 30],
  ])
})

test('what comes after a turn waits for the next one, and nothing comes from a socket that was given up', () => {
  const { sockets, opened, seen, at, endTurn } = twoVehicles()
  at(1, () => sockets[0]!.opened('outrider.v1'))
  endTurn()
  at(20, () => sockets[1]!.opened('outrider.v1'))
  endTurn()
  at(25, () => sockets[0]!.message(Uint8Array.of(1)))
  opened[0]!.abort()
  endTurn()
  expect(seen.map(([what, atMs]) => [what, atMs])).toEqual([
    ['one opened', 1],
    ['two opened', 20],
  ])
})

test('a vehicle that looked at its clock meanwhile sees it stand, never go back', () => {
  const { sockets, seen, clocks, at, endTurn } = twoVehicles()
  at(10, () => sockets[0]!.message(Uint8Array.of(1)))
  at(14, () => expect(clocks[0]!.monotonicMs()).toBe(14))
  at(20, endTurn)
  expect(seen).toEqual([['one frame 1', 14, 1_000_014]])
})
