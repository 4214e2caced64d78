import { decodeFrame, decodeJsonFrame, outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import type { DeliveriesOptions, DeliveryTransition, Held, SendResult } from './index.js'
import { createDeliveries, encodeTransition, sendResults } from './index.js'

const { DeliveryStage, DeliveryState, DropReason, EndReason, EndScope, Priority } = outrider.v1
const { PRIORITY_INFORMATION: information, PRIORITY_WARNING: warning, PRIORITY_IMMINENT: imminent } = Priority

/** A node with sockets that write down every message and every write of the kernel. */
function createNode(options: Partial<DeliveriesOptions> = {}) {
  const steps: DeliveryTransition[] = []
  const sent: { row: number; name: string; bytes: Uint8Array | string }[] = []
  const buffered = new Map<number, number>()
  const results: SendResult[] = []
  let writes = 0
  let isCorked = false
  const send = (row: number, bytes: Uint8Array | string, name: string) => {
    const result = results.shift() ?? sendResults.sent
    if (result !== sendResults.dropped) sent.push({ row, name, bytes: typeof bytes === 'string' ? bytes : bytes.slice() })
    if (!isCorked) writes++
    return result
  }
  const deliveries = createDeliveries({
    rowsMax: 100,
    onTransition: step => steps.push(step),
    socket: {
      bufferedBytes: row => buffered.get(row) ?? 0,
      send: (row, bytes) => send(row, bytes, nameOf(bytes)),
      sendText: (row, text) => send(row, text, 'text'),
      cork(_row, write) {
        isCorked = true
        write()
        isCorked = false
        writes++
      },
    },
    ...options,
  })
  return { deliveries, steps, sent, buffered, results, writes: () => writes, names: () => sent.map(each => each.name) }
}

const idOf = (sequence: number) => ({ node: 'n', boot: 1, sequence })
const keyOf = (sequence: number) => `n/00000001/${sequence}`
const alertOf = (sequence: number, revision: number, priority: outrider.v1.Priority = warning) => ({
  id: idOf(sequence),
  revision,
  priority,
})
const published = (sequence: number, revision = 1, priority: outrider.v1.Priority = warning, validUntilMs = 60_000) => {
  return { id: idOf(sequence), revision, alert: alertOf(sequence, revision, priority), validUntilMs }
}
const session = (held: readonly Held[] = []) => ({ json: false, primary: true, held })
const ack = (sequence: number, stage: outrider.v1.DeliveryStage, revision = 1) => {
  return { id: idOf(sequence), revision, stage, dropReason: DropReason.DROP_REASON_UNSPECIFIED, vehicleTimeMs: 5 }
}

/** What a frame is: alert 3@2, end 3, withdrawn 3. */
function nameOf(bytes: Uint8Array): string {
  const frame = decodeFrame(bytes)
  if (frame.kind !== 'frame') throw new Error(frame.kind)
  if (frame.type === 'alert') return `alert ${frame.message.alert!.id!.sequence}@${frame.message.alert!.revision}`
  if (frame.type !== 'end') throw new Error(frame.type)
  return `${frame.message.scope === EndScope.END_SCOPE_WITHDRAWN ? 'withdrawn' : 'end'} ${frame.message.alertId!.sequence}`
}

describe('order', () => {
  test('imminent first, then warnings, ends and information, each by time to hazard', () => {
    const { deliveries, names } = createNode()
    const slots = [information, warning, imminent, warning, information].map((priority, index) =>
      deliveries.publish(published(index + 1, 1, priority)),
    )
    for (let row = 0; row < 8; row++) deliveries.connect(row, session(row === 7 ? [{ id: idOf(5), revision: 1 }] : []), 0)
    deliveries.target(0, slots[0]!, 20_000, -1, 0)
    deliveries.target(1, slots[1]!, 90_000, -1, 0)
    deliveries.target(2, slots[1]!, 12_000, -1, 0)
    deliveries.target(3, slots[2]!, 40_000, -1, 0)
    deliveries.target(4, slots[3]!, 9_000, -1, 0)
    deliveries.target(5, slots[3]!, -1, -1, 0)
    deliveries.end(slots[4]!, { reason: EndReason.END_REASON_RESOLVED }, 0)
    expect(deliveries.flush(0, 100)).toEqual({ sends: 7, more: false })
    expect(names()).toEqual(['alert 4@1', 'alert 3@1', 'alert 2@1', 'alert 2@1', 'alert 4@1', 'end 5', 'alert 1@1'])
  })

  test('an imminent alert overtakes a long information alert between two slices', () => {
    const rowsMax = 5_000
    const { deliveries, sent } = createNode({ rowsMax })
    const slow = deliveries.publish(published(1, 1, information))
    for (let row = 0; row < rowsMax; row++) {
      deliveries.connect(row, session(), 0)
      deliveries.target(row, slow, 100_000, -1, 0)
    }
    expect(deliveries.flush(0, 500)).toEqual({ sends: 500, more: true })
    const urgent = deliveries.publish(published(2, 1, imminent))
    for (const row of [4_998, 4_999]) deliveries.target(row, urgent, 3_000, -1, 1)
    deliveries.flush(1, 500)
    expect(sent.slice(500, 504).map(each => [each.row, each.name])).toEqual([
      [4_998, 'alert 2@1'],
      [4_998, 'alert 1@1'],
      [4_999, 'alert 2@1'],
      [4_999, 'alert 1@1'],
    ])
    let slices = 2
    while (deliveries.flush(2, 500).more) slices++
    expect(slices).toBe(10)
    expect(sent.length).toBe(rowsMax + 2)
  })

  test('all that is due to a vehicle goes out in one write, the most urgent first', () => {
    const { deliveries, names, writes } = createNode()
    deliveries.connect(0, session(), 0)
    for (const [index, priority] of [information, warning, imminent].entries()) {
      deliveries.target(0, deliveries.publish(published(index + 1, 1, priority)), 30_000, -1, 0)
    }
    deliveries.flush(0, 1)
    expect([names(), writes()]).toEqual([['alert 3@1', 'alert 2@1', 'alert 1@1'], 1])
  })

  test('the push carries what is left at the send', () => {
    const { deliveries, sent } = createNode()
    deliveries.connect(0, session(), 0)
    deliveries.connect(1, { ...session(), json: true }, 0)
    const slot = deliveries.publish(published(1, 1, information, 30_000))
    for (const row of [0, 1]) deliveries.target(row, slot, 12_000, 200, 0)
    deliveries.flush(1_500, 100)
    const frame = decodeFrame(sent[0]!.bytes as Uint8Array)
    expect(frame).toMatchObject({ message: { remainingMs: 28_500, timeToHazardMs: 10_500, priority: information } })
    const text = decodeJsonFrame(sent[1]!.bytes as string, 'edge')
    expect(text).toMatchObject({
      type: 'alert',
      message: { remainingMs: 28_500, timeToHazardMs: 10_500, priority: information, alert: { revision: 1 } },
    })
  })

  test('an alert is imminent for a vehicle that is within 10 s of it, and moves up while it waits', () => {
    const { deliveries, sent, buffered } = createNode()
    deliveries.connect(0, session(), 0)
    const [far, near] = [deliveries.publish(published(1)), deliveries.publish(published(2))] as const
    buffered.set(0, 1)
    deliveries.target(0, far, 20_000, -1, 0)
    deliveries.target(0, near, 30_000, -1, 0)
    expect(deliveries.target(0, near, 9_000, -1, 10)).toBe('known')
    buffered.clear()
    deliveries.flush(10, 100)
    expect(sent.map(each => each.name)).toEqual(['alert 2@1', 'alert 1@1'])
    expect(decodeFrame(sent[0]!.bytes as Uint8Array)).toMatchObject({ message: { priority: imminent } })
  })
})

describe('a socket that does not take everything', () => {
  test('gets nothing while it holds bytes; what waits can be overtaken and superseded', () => {
    const { deliveries, names, buffered, steps } = createNode()
    deliveries.connect(0, session(), 0)
    buffered.set(0, 500)
    const slot = deliveries.publish(published(1))
    deliveries.target(0, slot, -1, -1, 0)
    expect(deliveries.flush(0, 100)).toEqual({ sends: 0, more: false })
    deliveries.publish(published(1, 2))
    deliveries.target(0, slot, -1, -1, 1)
    deliveries.target(0, deliveries.publish(published(2, 1, imminent)), 1_000, -1, 1)
    deliveries.flush(1, 100)
    buffered.clear()
    deliveries.writable(0, 2)
    deliveries.flush(2, 100)
    expect(names()).toEqual(['alert 2@1', 'alert 1@2'])
    expect(steps.map(step => [step.revision, step.state])).toContainEqual([1, DeliveryState.DELIVERY_STATE_SUPERSEDED])
    expect(deliveries.ledger(keyOf(1))).toMatchObject([
      { revision: 1, targeted: 1, superseded: 1, pending: 0 },
      { revision: 2, targeted: 1, pending: 1 },
    ])
  })

  test('queued counts as sent and holds back the rest; dropped is an outcome', () => {
    const { deliveries, names, results } = createNode()
    deliveries.connect(0, session(), 0)
    const slots = [1, 2, 3].map(sequence => deliveries.publish(published(sequence)))
    for (const slot of slots) deliveries.target(0, slot, 20_000 + slot, -1, 0)
    results.push(sendResults.dropped, sendResults.queued)
    expect(deliveries.flush(0, 100)).toEqual({ sends: 2, more: false })
    expect(deliveries.counts()).toMatchObject({ due: 0, blocked: 1, owed: 2 })
    const refused = deliveries.ledger(keyOf(3))![0]!
    const others = [1, 2].map(sequence => deliveries.ledger(keyOf(sequence))![0]!)
    expect([refused, ...others].map(counts => counts.dropped[DropReason.DROP_REASON_SEND_FAILED])).toContain(1)
    deliveries.writable(0, 1)
    deliveries.flush(1, 100)
    expect(names().length).toBe(2)
  })

  test('is stalled once it has owed an answer for 5 s, superseded or not, and what was answered owes nothing', () => {
    const { deliveries } = createNode()
    for (const row of [0, 1, 2]) deliveries.connect(row, session(), 0)
    const slot = deliveries.publish(published(1))
    for (const row of [0, 1, 2]) deliveries.target(row, slot, -1, -1, 0)
    deliveries.flush(0, 100)
    deliveries.acknowledge(1, ack(1, DeliveryStage.DELIVERY_STAGE_RECEIVED), 100)
    deliveries.publish(published(1, 2))
    deliveries.targetHolders(slot, 3_000)
    deliveries.flush(3_000, 100)
    deliveries.acknowledge(2, ack(1, DeliveryStage.DELIVERY_STAGE_RECEIVED), 3_100)
    expect(deliveries.stalled(4_999, 5_000)).toEqual([])
    expect(deliveries.stalled(5_000, 5_000)).toEqual([0])
    expect(deliveries.stalled(8_000, 5_000)).toEqual([0, 1])
    expect(deliveries.stalled(8_100, 5_000)).toEqual([0, 1, 2])
    deliveries.disconnect(0)
    expect(deliveries.stalled(8_000, 5_000)).toEqual([1])
  })

  test('costs the others nothing', () => {
    const { deliveries, sent, buffered } = createNode()
    for (let row = 0; row < 100; row++) deliveries.connect(row, session(), 0)
    for (let row = 0; row < 50; row++) buffered.set(row, 1)
    const slot = deliveries.publish(published(1))
    for (let row = 0; row < 100; row++) deliveries.target(row, slot, -1, -1, 0)
    expect(deliveries.flush(0, 1_000).sends).toBe(50)
    expect(sent.every(each => each.row >= 50)).toBe(true)
    expect(deliveries.flush(1, 1_000).sends).toBe(0)
  })
})

describe('coming back', () => {
  test('delivers what is missing, once, and takes what is held as delivered', () => {
    const { deliveries, names, steps } = createNode()
    deliveries.connect(0, session(), 0)
    const slots = [1, 2, 3].map(sequence => deliveries.publish(published(sequence)))
    for (const slot of slots.slice(0, 2)) deliveries.target(0, slot, -1, -1, 0)
    deliveries.flush(0, 100)
    deliveries.disconnect(0)
    deliveries.target(0, slots[2]!, -1, -1, 1)
    expect(deliveries.flush(1, 100).sends).toBe(0)
    const unknown = { id: idOf(99), revision: 4 }
    expect(deliveries.connect(0, session([{ id: idOf(1), revision: 1 }, unknown]), 2)).toEqual([unknown])
    deliveries.flush(2, 100)
    deliveries.flush(3, 100)
    expect(names().sort()).toEqual(['alert 1@1', 'alert 2@1', 'alert 2@1', 'alert 3@1'])
    expect(deliveries.totals()).toMatchObject({ targeted: 3, acknowledged: 1, pending: 2, alreadyHeld: 0 })
    expect(deliveries.target(0, slots[1]!, -1, -1, 4)).toBe('known')
    expect(steps.filter(step => step.state === DeliveryState.DELIVERY_STATE_TARGETED).length).toBe(3)
  })

  test('a revision that the vehicle holds is acknowledged at once, a newer one is sent', () => {
    const { deliveries, names } = createNode()
    const slot = deliveries.publish(published(1, 3))
    deliveries.connect(0, session([{ id: idOf(1), revision: 3 }]), 0)
    deliveries.connect(1, session([{ id: idOf(1), revision: 2 }]), 0)
    expect([deliveries.target(0, slot, -1, -1, 0), deliveries.target(1, slot, -1, -1, 0)]).toEqual(['held', 'opened'])
    deliveries.flush(0, 100)
    expect(names()).toEqual(['alert 1@3'])
    expect(deliveries.totals()).toMatchObject({ acknowledged: 1, alreadyHeld: 1, pending: 1 })
  })

  test('an alert that ended meanwhile is ended for who holds it, and nobody else hears of it', () => {
    const { deliveries, sent } = createNode()
    const slot = deliveries.publish(published(1))
    for (const row of [0, 1]) {
      deliveries.connect(row, session(), 0)
      deliveries.target(row, slot, -1, -1, 0)
    }
    deliveries.flush(0, 100)
    for (const row of [0, 1]) deliveries.disconnect(row)
    deliveries.end(slot, { reason: EndReason.END_REASON_MERGED, mergedInto: idOf(7) }, 1)
    expect(deliveries.connect(0, session([{ id: idOf(1), revision: 1 }]), 2)).toEqual([])
    deliveries.connect(1, session(), 2)
    deliveries.flush(2, 100)
    expect(sent.slice(2).map(each => [each.row, each.name])).toEqual([[0, 'end 1']])
    const push = decodeFrame(sent[2]!.bytes as Uint8Array)
    expect(push).toMatchObject({ message: { reason: EndReason.END_REASON_MERGED, mergedInto: { sequence: 7 } } })
  })

  test('a standby is targeted and sent nothing until it is primary', () => {
    const { deliveries, names } = createNode()
    deliveries.connect(0, { ...session(), primary: false }, 0)
    for (const sequence of [1, 2]) deliveries.target(0, deliveries.publish(published(sequence)), -1, -1, 0)
    expect(deliveries.flush(0, 100).sends).toBe(0)
    deliveries.changeRole(0, true, [{ id: idOf(1), revision: 1 }], 1)
    deliveries.flush(1, 100)
    expect(names()).toEqual(['alert 2@1'])
    expect(deliveries.totals()).toMatchObject({ acknowledged: 1, alreadyHeld: 1, pending: 1 })
  })

  test('a vehicle that went to another node, or never came back, leaves nothing pending', () => {
    const { deliveries, steps } = createNode()
    const slot = deliveries.publish(published(1))
    for (const row of [0, 1]) {
      deliveries.connect(row, session(), 0)
      deliveries.target(row, slot, -1, -1, 0)
    }
    deliveries.moved(0, 'node-b', 1)
    deliveries.release(1, DropReason.DROP_REASON_UNACKNOWLEDGED, 1)
    expect(deliveries.totals()).toMatchObject({ moved: 1, pending: 0 })
    expect(deliveries.totals().dropped[DropReason.DROP_REASON_UNACKNOWLEDGED]).toBe(1)
    expect(steps.find(step => step.state === DeliveryState.DELIVERY_STATE_MOVED)).toMatchObject({ movedTo: 'node-b' })
    deliveries.release(0, DropReason.DROP_REASON_DISCONNECTED, 2)
    expect(deliveries.counts().pairs).toBe(0)
  })

  test.each([
    ['with the alert, is sent nothing, and the delivery stays moved', true, { moved: 1, pending: 0 }, ['alert 1@1']],
    ['without it, is sent it: the same delivery goes on', false, { moved: 0, pending: 1 }, ['alert 1@1', 'alert 1@1']],
  ])('a vehicle that went to another node and comes back %s', (_how, holds, totals, sent) => {
    const { deliveries, names } = createNode()
    const slot = deliveries.publish(published(1))
    deliveries.connect(0, session(), 0)
    deliveries.target(0, slot, -1, -1, 0)
    deliveries.flush(0, 10)
    deliveries.acknowledge(0, ack(1, DeliveryStage.DELIVERY_STAGE_RECEIVED), 1)
    deliveries.moved(0, 'node-b', 2)
    expect(deliveries.openCount(0)).toBe(0)
    deliveries.connect(0, session(holds ? [{ id: idOf(1), revision: 1 }] : []), 3)
    deliveries.target(0, slot, -1, -1, 3)
    deliveries.flush(3, 10)
    expect(names()).toEqual(sent)
    expect(deliveries.totals()).toMatchObject({ targeted: 1, ...totals })
    deliveries.acknowledge(0, ack(1, DeliveryStage.DELIVERY_STAGE_RECEIVED), 4)
    expect(deliveries.openCount(0)).toBe(0)
  })
})

describe('acknowledgements', () => {
  test('of a revision that another node sent before this one heard of it opens and closes one, and it is not sent again', () => {
    const { deliveries, steps, names } = createNode()
    const slot = deliveries.publish(published(1))
    deliveries.connect(0, session(), 0)
    deliveries.target(0, slot, -1, -1, 0)
    const taken = ack(1, DeliveryStage.DELIVERY_STAGE_TAKEN, 3)
    for (let times = 0; times < 2; times++) deliveries.acknowledge(0, taken, 1)
    expect(deliveries.totals()).toMatchObject({ targeted: 2, superseded: 1, acknowledged: 1, recovered: 1, pending: 0 })
    expect(steps.at(-1)).toMatchObject({ revision: 3, recovered: true, state: DeliveryState.DELIVERY_STATE_ACKNOWLEDGED })
    expect(deliveries.target(0, slot, -1, -1, 2)).toBe('known')
    deliveries.publish(published(1, 3))
    expect(deliveries.target(0, slot, -1, -1, 3)).toBe('known')
    deliveries.settle(slot, 3)
    deliveries.flush(3, 10)
    expect(names()).toEqual([])
    expect(deliveries.ledger(keyOf(1))?.map(({ revision, recovered, acknowledged }) => [revision, recovered, acknowledged])).toEqual([
      [1, 0, 0],
      [3, 1, 1],
    ])
    // Made up: counted, and not remembered.
    deliveries.acknowledge(0, { ...taken, revision: 1_000 }, 4)
    expect(deliveries.totals()).toMatchObject({ targeted: 3, acknowledged: 2, recovered: 2, pending: 0 })
    expect(deliveries.ledger(keyOf(1))).toHaveLength(2)
  })

  function createDelivered() {
    const node = createNode()
    node.deliveries.connect(0, session(), 0)
    const slot = node.deliveries.publish(published(1))
    node.deliveries.target(0, slot, 20_000, 300, 0)
    node.deliveries.flush(10, 100)
    return { ...node, slot }
  }

  test('received frees the outbox, taken is the outcome, shown adds its time, repeats add nothing', () => {
    const { deliveries, steps } = createDelivered()
    expect(deliveries.openCount(0)).toBe(1)
    const { DELIVERY_STAGE_RECEIVED: received, DELIVERY_STAGE_TAKEN: taken, DELIVERY_STAGE_SHOWN: shown } = DeliveryStage
    deliveries.acknowledge(0, ack(1, received), 20)
    expect([deliveries.openCount(0), deliveries.totals().pending]).toEqual([0, 1])
    for (const stage of [taken, taken, shown, shown, DeliveryStage.DELIVERY_STAGE_DROPPED]) deliveries.acknowledge(0, ack(1, stage), 30)
    const { DELIVERY_STATE_TARGETED: targeted, DELIVERY_STATE_ACKNOWLEDGED: acknowledged } = DeliveryState
    expect(steps.map(step => [step.state, step.stage])).toEqual([
      [targeted, 0],
      [targeted, received],
      [acknowledged, taken],
      [acknowledged, shown],
      [acknowledged, DeliveryStage.DELIVERY_STAGE_DROPPED],
    ])
    expect(deliveries.totals()).toMatchObject({ targeted: 1, acknowledged: 1, pending: 0 })
    expect(steps[0]).toMatchObject({ timeToHazardMs: 20_000, distanceM: 300, sentAtMs: undefined })
    expect(steps[2]).toMatchObject({ sentAtMs: 10, atMs: 30, vehicleTimeMs: 5 })
    expect(encodeTransition(steps[2]!, 'pseudonym', 1.7e12)).toEqual({
      alertId: idOf(1), revision: 1, vehicle: 'pseudonym', state: acknowledged, stage: taken, dropReason: 0,
      timeMs: 1.7e12, recovered: false, alreadyHeld: false, vehicleTimeMs: 5, sentTimeMs: 1.7e12 - 20,
    }) // biome-ignore format: one record
  })

  test.each([-11, -2, 1e9, 0.5, Number.NaN])('a reason that is none, %d, moves no other count', reason => {
    const { deliveries, steps } = createDelivered()
    const dropped = { ...ack(1, DeliveryStage.DELIVERY_STAGE_DROPPED), dropReason: reason as outrider.v1.DropReason }
    deliveries.acknowledge(0, dropped, 20)
    deliveries.acknowledge(0, { ...dropped, id: idOf(99) }, 20)
    const totals = deliveries.totals()
    expect(totals).toMatchObject({ targeted: 2, pending: 0, recovered: 1, alreadyHeld: 0 })
    expect(totals.dropped).toEqual(totals.dropped.map((_, at) => (at === 0 ? 2 : 0)))
    expect(steps.slice(1).map(step => step.dropReason)).toEqual([0, 0])
  })

  test('one that comes after the outcome changes nothing but its time', () => {
    const { deliveries, slot, steps } = createDelivered()
    deliveries.withdraw(0, slot, 20)
    deliveries.acknowledge(0, ack(1, DeliveryStage.DELIVERY_STAGE_TAKEN), 30)
    expect(deliveries.totals()).toMatchObject({ targeted: 1, withdrawn: 1, acknowledged: 0 })
    expect(steps.at(-1)).toMatchObject({ state: DeliveryState.DELIVERY_STATE_WITHDRAWN, stage: DeliveryStage.DELIVERY_STAGE_TAKEN })
  })

  test('one of a delivery the node does not know adds one, marked recovered', () => {
    const { deliveries, steps } = createNode()
    deliveries.connect(0, session(), 0)
    deliveries.publish(published(1))
    for (const sequence of [1, 1, 9]) deliveries.acknowledge(0, ack(sequence, DeliveryStage.DELIVERY_STAGE_TAKEN), 0)
    expect(deliveries.totals()).toMatchObject({ targeted: 2, acknowledged: 2, recovered: 2, pending: 0 })
    expect(deliveries.ledger(keyOf(1))).toMatchObject([{ targeted: 1, acknowledged: 1, recovered: 1 }])
    expect(steps.map(step => [step.key, step.recovered])).toEqual([
      [keyOf(1), true],
      [keyOf(9), true],
    ])
  })

  test('after a crash what was open is taken up again, and sent once the alert is confirmed', () => {
    const { deliveries, names, steps } = createNode()
    const slot = deliveries.publish({ ...published(1), alert: undefined })
    deliveries.reopen(0, slot, 1, 0)
    expect(deliveries.ledger(keyOf(1))).toMatchObject([{ targeted: 1, pending: 1 }])
    deliveries.connect(0, session(), 1)
    expect(deliveries.flush(1, 100).sends).toBe(0)
    deliveries.publish(published(1))
    deliveries.flush(2, 100)
    expect([names(), steps]).toEqual([['alert 1@1'], []])
  })
})

describe('no longer concerned', () => {
  test('is told once, to who may have the alert', () => {
    const { deliveries, sent, slot } = createTwo()
    for (const nowMs of [1, 2]) {
      for (const row of [0, 1]) deliveries.withdraw(row, slot, nowMs)
      deliveries.flush(nowMs, 100)
    }
    expect(sent.map(each => [each.row, each.name])).toEqual([
      [0, 'alert 1@1'],
      [0, 'withdrawn 1'],
    ])
  })

  test('before it was sent, and concerned again: the same delivery goes on', () => {
    const { deliveries, slot, steps } = createTwo()
    deliveries.withdraw(1, slot, 1)
    expect(deliveries.target(1, slot, -1, -1, 2)).toBe('opened')
    expect(deliveries.totals()).toMatchObject({ targeted: 2, withdrawn: 0, pending: 2 })
    deliveries.withdraw(0, slot, 3)
    expect(deliveries.target(0, slot, -1, -1, 4)).toBe('known')
    expect(steps.filter(step => step.row === 1).map(step => step.state)).toEqual([1, 6, 1])
  })

  test('a revision withdraws who was not targeted with it; a renewal goes to holders alone', () => {
    const { deliveries, names, slot } = createTwo()
    deliveries.publish(published(1, 2))
    deliveries.target(1, slot, -1, -1, 1)
    deliveries.settle(slot, 1)
    deliveries.connect(1, session(), 1)
    deliveries.flush(1, 100)
    expect(names().slice(1)).toEqual(['alert 1@2', 'withdrawn 1'])
    deliveries.publish(published(1, 3))
    deliveries.targetHolders(slot, 2)
    deliveries.settle(slot, 2)
    deliveries.flush(2, 100)
    expect(names().slice(3)).toEqual(['alert 1@3'])
    expect(deliveries.ledger(keyOf(1))!.map(counts => [counts.targeted, counts.superseded, counts.withdrawn, counts.pending])).toEqual([
      [2, 1, 1, 0],
      [1, 1, 0, 0],
      [1, 0, 0, 1],
    ])
  })

  /** One alert; vehicle 0 was sent it, vehicle 1 is away. */
  function createTwo() {
    const node = createNode()
    node.deliveries.connect(0, session(), 0)
    const slot = node.deliveries.publish(published(1))
    for (const row of [0, 1]) node.deliveries.target(row, slot, -1, -1, 0)
    node.deliveries.flush(0, 100)
    return { ...node, slot }
  }
})

describe('bounds', () => {
  test('a full outbox drops the least urgent, be it the newcomer', () => {
    const { deliveries } = createNode({ outboxMax: 2 })
    const [info, warn, urgent, more] = [information, warning, imminent, information].map((priority, index) =>
      deliveries.publish(published(index + 1, 1, priority)),
    )
    expect([info, warn, urgent, more].map(slot => deliveries.target(0, slot!, 50_000, -1, 0))).toEqual([
      'opened',
      'opened',
      'opened',
      'dropped',
    ])
    const full = DropReason.DROP_REASON_OUTBOX_FULL
    expect([1, 2, 3, 4].map(sequence => deliveries.ledger(keyOf(sequence))![0]!.dropped[full])).toEqual([1, 0, 0, 1])
  })

  test('counts of the newest 32 revisions stand apart, those before are added up', () => {
    const { deliveries } = createNode()
    for (let revision = 1; revision <= 50; revision++) deliveries.target(0, deliveries.publish(published(1, revision)), -1, -1, 0)
    const ledger = deliveries.ledger(keyOf(1))!
    expect(ledger.map(counts => counts.revision)).toEqual([0, ...Array.from({ length: 32 }, (_, index) => index + 19)])
    expect(ledger[0]).toMatchObject({ targeted: 18, superseded: 18, pending: 0 })
  })

  test('a vehicle with too many pairs lets go of those whose alert is over, and is refused only without such', () => {
    const { deliveries } = createNode({ pairsPerRowMax: 2, outboxMax: 2 })
    const slots = [1, 2, 3, 4].map(sequence => deliveries.publish(published(sequence)))
    for (const slot of slots.slice(0, 2)) deliveries.target(0, slot, -1, -1, 0)
    expect(deliveries.target(0, slots[2]!, -1, -1, 0)).toBe('full')
    deliveries.end(slots[0]!, { reason: EndReason.END_REASON_RESOLVED }, 1)
    expect(deliveries.target(0, slots[2]!, -1, -1, 1)).toBe('opened')
    expect(deliveries.counts()).toMatchObject({ pairs: 2, full: 1 })
  })

  test('a table full of what others only remember has room for a vehicle that has nothing yet', () => {
    const { deliveries } = createNode({ pairsMax: 4, pairsPerRowMax: 4, outboxMax: 4 })
    const old = [1, 2, 3, 4].map(sequence => deliveries.publish(published(sequence, 1, warning, 1_000)))
    for (const slot of old.slice(0, 3)) deliveries.target(0, slot, -1, -1, 0)
    const lasting = deliveries.publish(published(5))
    deliveries.target(0, lasting, -1, -1, 0)
    expect(deliveries.target(1, old[3]!, -1, -1, 500)).toBe('full')
    for (const slot of old) deliveries.expire(slot, 1_000)
    // The registry remembers them for hours, and the first vehicle is connected as long.
    for (const row of [1, 2, 3]) expect(deliveries.target(row, lasting, -1, -1, 2_000)).toBe('opened')
    expect(deliveries.target(4, lasting, -1, -1, 2_000)).toBe('full')
    expect(deliveries.totals()).toMatchObject({ targeted: 7, expired: 3, pending: 4 })
  })

  test('wrong rows, slots and options are broken invariants', () => {
    const { deliveries } = createNode({ alertsMax: 1 })
    const slot = deliveries.publish(published(1))
    const codeOf = (act: () => unknown) => {
      try {
        act()
      } catch (error) {
        return (error as { code?: string }).code
      }
      return undefined
    }
    expect(codeOf(() => deliveries.target(100, slot, -1, -1, 0))).toBe('invalid_row')
    expect(codeOf(() => deliveries.target(0, 5, -1, -1, 0))).toBe('invalid_slot')
    expect(codeOf(() => deliveries.publish(published(2)))).toBe('alerts_full')
    expect(codeOf(() => createNode({ outboxMax: 65 }))).toBe('invalid_option')
    deliveries.forget(slot, 0)
    expect(codeOf(() => deliveries.publish(published(2)))).toBeUndefined()
  })
})
