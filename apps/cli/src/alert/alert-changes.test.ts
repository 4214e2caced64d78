import type { outrider } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { createAlertChanges } from './alert-changes.js'

type Message = outrider.v1.AlertServiceWatchResponse.$Properties

const id = (sequence: number) => ({ node: 'region-1', boot: 1, sequence })
const alert = (sequence: number, revision = 1, more: outrider.v1.Alert.$Properties = {}, remainingMs = 60_000) => ({
  alert: { alert: { id: id(sequence), revision, ...more }, remainingMs },
})
const entry = (sequence: number, revision = 1): Message => ({ ...alert(sequence, revision), snapshot: true })
const complete: Message = { snapshot: true, snapshotComplete: { entries: 0 } }
const end = (sequence: number): Message => ({ end: { end: { alertId: id(sequence), ending: { reason: 3 } } } })

function follow() {
  const changes = createAlertChanges()
  return {
    expire: (nowMs: number) => changes.expire(nowMs).map(({ kind, id: of }) => `${kind} ${of}`),
    take: (...messages: Message[]) => messages.flatMap(message => changes.take(message, 0)).map(({ kind, id: of }) => `${kind} ${of}`),
  }
}

const name = (sequence: number) => `region-1/00000001/${sequence}`

test('a snapshot is what is active, then each change is told once', () => {
  const { take } = follow()
  expect(take(entry(1), entry(2), complete)).toEqual([`active ${name(1)}`, `active ${name(2)}`])
  expect(take(alert(3), alert(3, 2), alert(3, 2), alert(3, 3, { renewal: true }))).toEqual([
    `new ${name(3)}`,
    `changed ${name(3)}`,
    `renewed ${name(3)}`,
  ])
  expect(take(end(3), end(9))).toEqual([`ended ${name(3)}`, `ended ${name(9)}`])
})

test('after a break a snapshot tells what is new, what changed, and by silence what is over', () => {
  const { take } = follow()
  take(entry(1), entry(2), entry(3), complete)
  expect(take(entry(1), entry(2, 2), entry(4), complete)).toEqual([`changed ${name(2)}`, `new ${name(4)}`, `over ${name(3)}`])
  expect(take(complete)).toEqual([`over ${name(1)}`, `over ${name(2)}`, `over ${name(4)}`])
})

test('an expiry is counted down here, and lengthened by a renewal', () => {
  const { take, expire } = follow()
  take(alert(1, 1, {}, 1_000), alert(2, 1, {}, 1_000), alert(2, 2, { renewal: true }, 5_000))
  expect(expire(999)).toEqual([])
  expect(expire(1_000)).toEqual([`over ${name(1)}`])
  expect(expire(5_000)).toEqual([`over ${name(2)}`])
})
