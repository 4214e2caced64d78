// A watcher that does not read, falls behind, or comes back with a token.
import { outrider } from '@outrider/protocol'
import { entryKinds } from '@outrider/uplink'
import { expect, test } from 'vitest'
import { createAlertBoard } from './alert-board.js'
import { createAlertHistory } from './alert-history.js'
import { createAlertWatch } from './alert-watch.js'

const { Record } = outrider.v1
const center = { latitudeE7: 602_000_000, longitudeE7: 250_000_000 }

function createWorld() {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly call: () => void }[] = []
  const time = {
    wallMs: () => 1_700_000_000_000 + nowMs,
    rawWallMs: () => 1_700_000_000_000 + nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs: number, call: () => void) {
      const timer = { atMs: nowMs + delayMs, call }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
  }
  const history = createAlertHistory('life')
  const board = createAlertBoard({ region: 'r', boot: 1, time, onChange: history.add })
  const world = {
    board,
    history,
    pass(forMs: number) {
      nowMs += forMs
      for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
        timers = timers.filter(other => other !== timer)
        timer.call()
      }
      board.tick()
    },
    revise(sequence: number, revision: number) {
      const alert = {
        id: { node: 'n', boot: 5, sequence },
        revision,
        status: 1,
        issuerRole: 2,
        cause: { code: 2 },
        eventPosition: center,
        area: { circle: { center, radiusCm: 100 } },
        validUntilMs: time.wallMs() + 60_000,
        keepUntilMs: time.wallMs() + 3_600_000,
      }
      world.apply({ alert })
    },
    end(sequence: number) {
      world.apply({
        end: { alertId: { node: 'n', boot: 5, sequence }, revision: 1, ending: { reason: 3 }, keepUntilMs: time.wallMs() + 3_600_000 },
      })
    },
    apply(body: object) {
      const record = Record.encode({ schema: 1, ...body }).finish()
      board.apply({ kind: entryKinds.record, node: 'n', lane: 1, epoch: 1, sequence: 1, record, extra: new Uint8Array(0) }, false)
    },
    watch(resumeToken = '', room = Number.POSITIVE_INFINITY) {
      const messages: outrider.v1.AlertServiceWatchResponse.$Properties[] = []
      let left = room
      const stream = { write: (message: (typeof messages)[number]) => messages.push(message) > 0 && --left > 0 }
      const watch = createAlertWatch({
        board,
        history,
        match: ({ state }) => state === 'active',
        resumeToken,
        stream,
        schedule: time.schedule,
      })
      world.pass(0)
      return {
        messages,
        watch,
        makeRoom(messages: number) {
          left = messages
          watch.onWritable()
        },
      }
    },
  }
  return world
}

test('a snapshot, then what happens, each with a token that goes on behind it', () => {
  const world = createWorld()
  world.revise(1, 1)
  const { messages } = world.watch()
  world.revise(1, 2)
  world.end(1)
  expect(
    messages.map(({ snapshot, alert, end, snapshotComplete }) => [
      snapshot ?? false,
      alert?.alert?.revision,
      end?.end?.alertId?.sequence,
      snapshotComplete?.entries,
    ]),
  ).toEqual([
    [true, 1, undefined, undefined],
    [true, undefined, undefined, 1],
    [false, 2, undefined, undefined],
    [false, undefined, 1, undefined],
  ])
  const resumed = world.watch(messages[1]!.resumeToken!)
  expect(resumed.messages).toEqual(messages.slice(2))
  expect(world.watch(messages[3]!.resumeToken!).messages).toEqual([])
})

test('who does not read is written no more, and then gets what it missed', () => {
  const world = createWorld()
  const reader = world.watch('', 2)
  for (let revision = 1; revision <= 5; revision++) world.revise(1, revision)
  expect(reader.messages).toHaveLength(2)
  reader.makeRoom(100)
  expect(reader.messages.slice(1).map(({ alert }) => alert?.alert?.revision)).toEqual([1, 2, 3, 4, 5])
})

test('who falls behind further than the history reaches gets a marked snapshot instead', () => {
  const world = createWorld()
  const reader = world.watch('', 1)
  for (let revision = 1; revision <= 8_200; revision++) world.revise(1, revision)
  reader.makeRoom(100)
  expect(reader.messages.slice(1)).toMatchObject([
    { snapshot: true, alert: { alert: { revision: 8_200 } } },
    { snapshot: true, snapshotComplete: { entries: 1 } },
  ])
})

test('a sign of life comes when nothing else does', () => {
  const world = createWorld()
  const { messages, watch } = world.watch()
  world.pass(10_000)
  world.pass(10_000)
  expect(messages.filter(({ alive }) => alive != null).length).toBeGreaterThanOrEqual(1)
  watch.close()
  const { length } = messages
  world.pass(60_000)
  world.revise(1, 1)
  expect(messages).toHaveLength(length)
})

test('a checkpoint of the board, restored, is the same board, ends and requests included', () => {
  const world = createWorld()
  for (const sequence of [1, 2, 3]) world.revise(sequence, sequence)
  world.end(2)
  world.end(9)
  const request = { key: 'operator/a/1', digest: 'd', alertKey: 'n/00000005/1', alert: '', atMs: 1_700_000_000_000 }
  const record = Record.encode({ schema: 1 }).finish()
  world.board.apply(
    { kind: entryKinds.own, node: 'r', lane: 1, epoch: 1, sequence: 1, record, extra: Buffer.from(JSON.stringify(request)) },
    false,
  )
  const other = createWorld()
  for (const item of world.board.store()) other.board.restore(item)
  const content = ({ board }: typeof world) => [...board.entries()].map(({ key, state, revision }) => [key, state, revision]).sort()
  expect(content(other)).toEqual(content(world))
  expect(other.board.request(request.key)).toEqual(request)
  expect(other.history.newest).toBe(0)
})
