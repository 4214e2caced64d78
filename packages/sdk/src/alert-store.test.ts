import { outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { AlertEndReason } from './alert-end.js'
import { createAlertStore, heldMax } from './alert-store.js'
import { createDeliveryAcks } from './delivery-acks.js'
import type { PushedAlert } from './pushed-alert.js'
import { readAlertPush } from './pushed-alert.js'
import { alertKey, makeAlert } from './simulated-world.fixture.js'

const { AlertPush, AlertStatus } = outrider.v1

function setUp(takesPartInExercises = false) {
  const acks = createDeliveryAcks()
  const store = createAlertStore({ acks, wallMs: () => 0, queueMax: 32, takesPartInExercises, dropped: () => {}, standIn: () => undefined })
  const { take } = store
  // As without a presentation policy: what is taken is told.
  store.take = () => {
    const handle = take()
    if (handle === undefined) return undefined
    return store.tell({ hazard: handle, insteadOf: undefined, why: 'new', isAudible: true, toldPriority: handle.entry.priority })
  }
  let order = 0
  const make = (sequence: number, more: Parameters<typeof makeAlert>[1] = {}, remainingMs = 10_000): PushedAlert => {
    const push = AlertPush.decode(AlertPush.encode({ alert: makeAlert(sequence, more), remainingMs }).finish())
    const reading = readAlertPush(push, 0, 0, ++order)
    if (reading.kind !== 'alert') throw new Error('unreadable')
    return reading.pushed
  }
  return {
    store,
    push: (sequence: number, more?: Parameters<typeof makeAlert>[1], remainingMs?: number) =>
      store.push(make(sequence, more, remainingMs), 0),
    end: (sequence: number, reason: AlertEndReason, mergedInto?: number, isForAll = true) =>
      store.end({ key: alertKey(sequence), isForAll, reason, mergedInto: mergedInto === undefined ? undefined : alertKey(mergedInto) }, 0),
    ends: () => {
      const list: string[] = []
      for (let end = store.takeEnd(); end !== undefined; end = store.takeEnd()) list.push(`${end.handle.entry.id.sequence} ${end.reason}`)
      return list
    },
    held: () => store.held().map(entry => entry.id.sequence),
  }
}

describe('revisions', () => {
  test('a newer one changes the object without a word, an older one changes nothing', () => {
    const { store, push } = setUp()
    push(1)
    const handle = store.take()!
    expect(push(1, { revision: 3, cause: { code: 91 } })).toBe('updated')
    expect(push(1, { revision: 2, cause: { code: 2 } })).toBe('repeated')
    expect(handle.entry.alert.cause?.code).toBe(91)
    expect(store.take()).toBeUndefined()
  })

  test('while it waits the newest one is what is taken', () => {
    const { store, push } = setUp()
    push(1)
    push(1, { revision: 2 })
    expect(store.take()?.entry.revision).toBe(2)
    expect(store.take()).toBeUndefined()
  })

  test('a renewal lengthens the validity only', () => {
    const { store, push, ends } = setUp()
    push(1)
    const handle = store.take()!
    push(1, { revision: 2, renewal: true }, 20_000)
    store.expire(15_000)
    expect(handle.isActive).toBe(true)
    store.expire(20_000)
    expect(ends()).toEqual(['1 expired'])
  })

  test('shown counts once per revision', () => {
    const { store, push } = setUp()
    push(1)
    const handle = store.take()!
    expect([store.shown(handle), store.shown(handle)]).toEqual([true, false])
    push(1, { revision: 2 })
    expect([store.shown(handle), store.shown(handle)]).toEqual([true, false])
  })
})

describe('ends', () => {
  test.each(['resolved', 'cancelled', 'negated', 'expired'] as const)('%s: told to who took it, and nothing of it comes back', reason => {
    const { push, store, end, ends, held } = setUp()
    push(1)
    push(2)
    const handle = store.take()!
    end(1, reason)
    end(2, reason)
    expect(handle.isActive).toBe(false)
    expect(ends()).toEqual([`1 ${reason}`])
    expect(push(1, { revision: 9 })).toBe('ended')
    expect(store.take()).toBeUndefined()
    expect(held()).toEqual([])
  })

  test('withdrawn may come back: the same object is active again, and is not handed over again', () => {
    const { push, store, end, ends } = setUp()
    push(1)
    const handle = store.take()!
    end(1, 'withdrawn', undefined, false)
    expect(ends()).toEqual(['1 withdrawn'])
    expect(push(1)).toBe('continued')
    expect(handle.isActive).toBe(true)
    expect(store.take()).toBeUndefined()
  })

  test('withdrawn before it was taken is new when it comes back', () => {
    const { push, store, end, ends } = setUp()
    push(1)
    end(1, 'withdrawn', undefined, false)
    expect(ends()).toEqual([])
    expect(push(1)).toBe('new')
    expect(store.take()).toBeDefined()
  })
})

describe('one hazard, two alerts', () => {
  test('one that replaces a held one continues its object', () => {
    const { push, store, ends, held } = setUp()
    push(1)
    const handle = store.take()!
    expect(push(2, { replaces: [makeAlert(1).id!] })).toBe('continued')
    expect(handle.entry.id.sequence).toBe(2)
    expect(store.take()).toBeUndefined()
    expect(ends()).toEqual([])
    expect(held()).toEqual([2])
    expect(push(1, { revision: 7 })).toBe('ended')
  })

  test('one that replaces a waiting one is handed over instead', () => {
    const { push, store } = setUp()
    push(1)
    push(2, { replaces: [makeAlert(1).id!] })
    expect(store.take()?.entry.id.sequence).toBe(2)
    expect(store.take()).toBeUndefined()
  })

  test.each(['origin_lost', 'replaced'] as const)('%s before the successor comes: the object waits for it', reason => {
    const { push, store, end, ends, held } = setUp()
    push(1)
    const handle = store.take()!
    end(1, reason)
    end(1, reason)
    expect([ends(), handle.isActive, held()]).toEqual([[], true, []])
    push(2, { replaces: [makeAlert(1).id!] })
    expect([handle.entry.id.sequence, handle.isActive, store.take()]).toEqual([2, true, undefined])
  })

  test('without a successor the end is told when the validity is over', () => {
    const { push, store, end, ends } = setUp()
    push(1)
    store.take()
    end(1, 'origin_lost')
    store.expire(9_999)
    expect(ends()).toEqual([])
    store.expire(10_000)
    expect(ends()).toEqual(['1 origin_lost'])
  })

  test('merged into one that comes later, without replaces', () => {
    const { push, store, end } = setUp()
    push(1)
    const handle = store.take()!
    end(1, 'merged', 2)
    expect(push(2)).toBe('continued')
    expect(handle.entry.id.sequence).toBe(2)
    expect(store.take()).toBeUndefined()
  })

  test('merged into one that waits: that one needs no showing', () => {
    const { push, store, end, ends } = setUp()
    push(1)
    const handle = store.take()!
    push(2)
    end(1, 'merged', 2)
    expect([handle.entry.id.sequence, store.take(), ends()]).toEqual([2, undefined, []])
  })

  test('both were taken: the one that goes is told', () => {
    const { push, store, end, ends } = setUp()
    push(1)
    push(2)
    store.take()
    store.take()
    end(1, 'merged', 2)
    expect(ends()).toEqual(['1 merged'])
  })

  test('one that replaces two held ones continues the one that was taken', () => {
    const { push, store, ends } = setUp()
    push(1)
    const handle = store.take()!
    push(2)
    push(3, { replaces: [makeAlert(2).id!, makeAlert(1).id!] })
    expect([handle.entry.id.sequence, store.take(), ends()]).toEqual([3, undefined, []])
  })
})

describe('status', () => {
  test('a test is held and acknowledged, never handed over', () => {
    const { push, store, held } = setUp(true)
    expect(push(1, { status: AlertStatus.ALERT_STATUS_TEST })).toBe('quiet')
    expect([store.take(), held()]).toEqual([undefined, [1]])
  })

  test.each([
    [false, 'quiet'],
    [true, 'new'],
  ])('an exercise, taking part: %s', (takesPart, outcome) => {
    const { push } = setUp(takesPart)
    expect(push(1, { status: AlertStatus.ALERT_STATUS_EXERCISE })).toBe(outcome)
  })
})

test('no more are held than a hello can say; the least urgent goes', () => {
  const { push, store, held, ends } = setUp()
  for (let sequence = 1; sequence <= heldMax + 10; sequence++) {
    push(sequence, { priority: sequence === 5 ? 1 : 2 })
    store.take()
  }
  expect(held()).toHaveLength(heldMax)
  expect(held()).not.toContain(5)
  expect(ends()[0]).toBe('5 full')
})
