// Random lives of vehicles and alerts against an observer that shares no code with the deliveries: it sees only the calls, the steps that
// are told and the frames that are sent, and after every call it checks that the ledger is what was told and that nothing was sent wrongly.
import type { outrider as wire } from '@outrider/protocol'
import { decodeFrame, formatAlertKey, outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deliveries, DeliveriesOptions, DeliveryTransition, Held, LedgerCounts, SendResult } from './index.js'
import { createDeliveries, sendResults } from './index.js'

const { DeliveryStage, DeliveryState, DropReason, EndReason, EndScope } = outrider.v1

const rows = 4
const alerts = 5
const outboxMax = 3
const bounds = { rowsMax: rows, alertsMax: alerts, outboxMax, pairsPerRowMax: 4, pairsMax: 14 }

type Create = (options: DeliveriesOptions) => Deliveries
type State = wire.v1.DeliveryState

/** A delivery as the steps tell it. */
interface Told {
  readonly key: string
  readonly revision: number
  state: State
  dropReason: number
  sends: number
  stages: Set<number>
}

/** What a vehicle's application has, by the frames it got. */
interface Vehicle {
  life: number
  connection: number
  isThere: boolean
  isPrimary: boolean
  buffered: number
  nextResult: SendResult
  /** By key: revision and until when it is valid; then the SDK lets it go by itself. */
  readonly holds: Map<string, { readonly revision: number; readonly validUntilMs: number }>
  readonly mayHold: Set<string>
  /** By key: the revision that its last hello named. */
  said: ReadonlyMap<string, number>
}

interface Published {
  id: wire.v1.AlertId.$Properties
  revision: number
  validUntilMs: number
  ended: boolean
}

const small = fc.nat(rows - 1)
const anyAlert = fc.nat(alerts - 1)
const one = fc.record
const is = fc.constant
// biome-ignore format: one row a command
const command = fc.oneof(
  { weight: 4, arbitrary: one({ do: is('publish' as const), alert: anyAlert, priority: fc.nat(3), validMs: fc.integer({ min: 1, max: 2_000 }), settles: fc.boolean(), renews: fc.boolean(), targets: fc.subarray([0, 1, 2, 3]) }) },
  { weight: 9, arbitrary: one({ do: is('target' as const), row: small, alert: anyAlert, timeToHazardMs: fc.constantFrom(-1, 0, 4_000, 20_000, 500_000) }) },
  { weight: 2, arbitrary: one({ do: is('withdraw' as const), row: small, alert: anyAlert }) },
  { weight: 1, arbitrary: one({ do: fc.constantFrom('end' as const, 'expire' as const, 'forget' as const), alert: anyAlert }) },
  { weight: 2, arbitrary: one({ do: is('connect' as const), row: small, primary: fc.boolean(), tells: fc.boolean() }) },
  { weight: 1, arbitrary: one({ do: fc.constantFrom('disconnect' as const, 'release' as const, 'move' as const, 'primary' as const, 'standby' as const), row: small }) },
  { weight: 6, arbitrary: one({ do: is('flush' as const), sendsMax: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: one({ do: is('socket' as const), row: small, result: fc.constantFrom(...Object.values(sendResults)) }) },
  { weight: 3, arbitrary: one({ do: is('drain' as const), row: small }) },
  { weight: 9, arbitrary: one({ do: is('acknowledge' as const), row: small, alert: anyAlert, behind: fc.constantFrom(0, 0, 0, 1, 2, -1), stage: fc.nat(5) }) },
  { weight: 1, arbitrary: one({ do: is('reopen' as const), row: small, alert: anyAlert }) },
  { weight: 2, arbitrary: one({ do: is('wait' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
)
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never

function createWorld(create: Create) {
  let nowMs = 1_000
  const told = new Map<string, Told>()
  const published = new Map<string, Published>()
  const sequences = Array.from({ length: alerts }, () => 0)
  const vehicles = Array.from({ length: rows }, createVehicle)
  const sentOnConnection = new Set<string>()
  /** Counted for alerts the node does not know: they belong to no ledger but the totals. */
  let unknownTaken = 0
  let unknownDropped = 0

  const deliveryKey = (row: number, key: string, revision: number) => `${row}#${vehicles[row]!.life} ${key}@${revision}`
  const keyOf = (alert: number) => formatAlertKey(idOf(alert))
  const idOf = (alert: number) => ({ node: 'n', boot: alert, sequence: sequences[alert]! })

  function onTransition(step: DeliveryTransition): void {
    if (!published.has(step.key)) {
      must(step.recovered)
      if (step.stage === DeliveryStage.DELIVERY_STAGE_TAKEN) unknownTaken++
      if (step.stage === DeliveryStage.DELIVERY_STAGE_DROPPED) unknownDropped++
      return
    }
    const name = deliveryKey(step.row, step.key, step.revision)
    const known = told.get(name)
    const isOpening = step.state === DeliveryState.DELIVERY_STATE_TARGETED && step.stage === DeliveryStage.DELIVERY_STAGE_UNSPECIFIED
    if (step.stage !== 0) {
      must(!(known?.stages.has(step.stage) ?? false))
      known?.stages.add(step.stage)
    }
    if (isOpening) {
      const isFirst = known === undefined
      const isBack = known?.state === DeliveryState.DELIVERY_STATE_WITHDRAWN && known.sends === 0 && known.stages.size === 0
      // Moved with its vehicle, which came back without it.
      const isHere =
        known?.state === DeliveryState.DELIVERY_STATE_MOVED && !((vehicles[step.row]!.said.get(step.key) ?? 0) >= step.revision)
      must(isFirst || isBack || isHere)
      told.set(name, { key: step.key, revision: step.revision, state: step.state, dropReason: 0, sends: 0, stages: new Set() })
    } else if (known === undefined) {
      must(step.recovered)
      told.set(name, {
        key: step.key,
        revision: step.revision,
        state: step.state,
        dropReason: step.dropReason,
        sends: 0,
        stages: new Set([step.stage]),
      })
    } else if (known.state === DeliveryState.DELIVERY_STATE_TARGETED) {
      known.state = step.state
      known.dropReason = step.dropReason
    } else must(step.state === known.state) // A later stage only adds its time.
  }

  function receiveFrame(row: number, bytes: Uint8Array): SendResult {
    const vehicle = vehicles[row]!
    must(vehicle.isThere && vehicle.isPrimary)
    must(vehicle.buffered === 0)
    const frame = decodeFrame(bytes)
    if (frame.kind !== 'frame') throw new Error(`sent ${frame.kind}`)
    const result = vehicle.nextResult
    if (frame.type === 'end') {
      const key = formatAlertKey(frame.message.alertId!)
      must(vehicle.mayHold.has(key))
      if (frame.message.scope === EndScope.END_SCOPE_ENDED) must(published.get(key)!.ended)
      vehicle.mayHold.delete(key)
      vehicle.holds.delete(key)
    } else if (frame.type === 'alert') {
      const { alert, remainingMs } = frame.message
      const key = formatAlertKey(alert!.id!)
      const current = published.get(key)!
      must(!current.ended)
      must(alert!.revision === current.revision)
      must(current.validUntilMs > nowMs)
      must(remainingMs === current.validUntilMs - nowMs)
      const name = deliveryKey(row, key, current.revision)
      const delivery = told.get(name)
      must(delivery?.state === DeliveryState.DELIVERY_STATE_TARGETED)
      const onConnection = `${name} ${vehicle.connection}`
      must(!sentOnConnection.has(onConnection))
      if (result !== sendResults.dropped) {
        sentOnConnection.add(onConnection)
        delivery!.sends++
        vehicle.mayHold.add(key)
        vehicle.holds.set(key, { revision: current.revision, validUntilMs: nowMs + remainingMs! })
      }
    } else throw new Error(`sent ${frame.type}`)
    if (result === sendResults.queued) vehicle.buffered = 100
    return result
  }

  const deliveries = create({
    ...bounds,
    onTransition,
    socket: {
      bufferedBytes: row => vehicles[row]!.buffered,
      send: receiveFrame,
      sendText: () => sendResults.dropped,
      cork: (_row, write) => {
        corked = true
        write()
        corked = false
      },
    },
  })
  let corked = false

  /** The last frame of a write may be refused; what was behind it waits. */
  function perform(item: Command): void {
    switch (item.do) {
      case 'publish': {
        const isFresh = published.get(keyOf(item.alert)) === undefined || published.get(keyOf(item.alert))!.ended
        if (isFresh) {
          const old = deliveries.slotOf(keyOf(item.alert))
          if (old !== undefined) forget(item.alert, old)
          sequences[item.alert]!++
        }
        const id = idOf(item.alert)
        const revision = (published.get(keyOf(item.alert))?.revision ?? 0) + 1
        const validUntilMs = nowMs + item.validMs
        published.set(keyOf(item.alert), { id, revision, validUntilMs, ended: false })
        const slot = deliveries.publish({
          id,
          revision,
          alert: { id, revision, priority: item.priority, renewal: item.renews },
          validUntilMs,
        })
        if (item.renews) deliveries.targetHolders(slot, nowMs)
        else for (const row of item.targets) if (isKnown(row)) deliveries.target(row, slot, 5_000, 100, nowMs)
        if (!item.settles && !item.renews) return
        deliveries.settle(slot, nowMs)
        for (const [name, delivery] of told) {
          const isOlder = delivery.key === keyOf(item.alert) && delivery.revision < revision
          if (isOlder && name.length > 0) must(delivery.state !== DeliveryState.DELIVERY_STATE_TARGETED)
        }
        return
      }
      case 'target': {
        const slot = deliveries.slotOf(keyOf(item.alert))
        if (slot === undefined || !isKnown(item.row)) return
        const outcome = deliveries.target(item.row, slot, item.timeToHazardMs, -1, nowMs)
        const current = published.get(keyOf(item.alert))!
        const isOver = current.ended || current.validUntilMs <= nowMs
        must((outcome === 'over') === isOver)
        if (isOver || outcome === 'full') return
        const delivery = told.get(deliveryKey(item.row, keyOf(item.alert), current.revision))
        const isAhead = [...told].some(
          ([name, { key, revision }]) => name.startsWith(`${item.row}#`) && key === keyOf(item.alert) && revision > current.revision,
        )
        must(delivery !== undefined || (isAhead && outcome === 'known'))
        if (outcome === 'opened') must(delivery!.state === DeliveryState.DELIVERY_STATE_TARGETED)
        for (let revision = 1; revision < current.revision; revision++) {
          const older = told.get(deliveryKey(item.row, keyOf(item.alert), revision))
          if (older !== undefined) must(older.state !== DeliveryState.DELIVERY_STATE_TARGETED)
        }
        return
      }
      case 'withdraw': {
        const slot = deliveries.slotOf(keyOf(item.alert))
        if (slot !== undefined) deliveries.withdraw(item.row, slot, nowMs)
        return
      }
      case 'end':
      case 'expire':
      case 'forget': {
        const slot = deliveries.slotOf(keyOf(item.alert))
        if (slot === undefined) return
        if (item.do === 'forget') {
          forget(item.alert, slot)
          return
        }
        if (item.do === 'expire') deliveries.expire(slot, nowMs)
        else {
          published.get(keyOf(item.alert))!.ended = true
          deliveries.end(slot, { reason: EndReason.END_REASON_RESOLVED }, nowMs)
        }
        for (const counts of deliveries.ledger(keyOf(item.alert))!) must(counts.pending === 0)
        return
      }
      case 'connect': {
        const vehicle = vehicles[item.row]!
        letGoExpired(vehicle)
        const held: Held[] = item.tells ? [...vehicle.holds].map(([key, { revision }]) => ({ id: published.get(key)!.id, revision })) : []
        vehicle.said = new Map(held.map(({ id, revision }) => [formatAlertKey(id), revision]))
        vehicle.connection++
        vehicle.isThere = true
        vehicle.isPrimary = item.primary
        vehicle.buffered = 0
        vehicle.nextResult = sendResults.sent
        if (!item.tells) vehicle.holds.clear()
        vehicle.mayHold.clear()
        for (const key of vehicle.holds.keys()) vehicle.mayHold.add(key)
        const unknown = deliveries.connect(item.row, { json: false, primary: item.primary, held }, nowMs)
        for (const each of unknown) vehicle.holds.delete(formatAlertKey(each.id))
        return
      }
      case 'primary':
      case 'standby': {
        const vehicle = vehicles[item.row]!
        if (!vehicle.isThere) return
        vehicle.isPrimary = item.do === 'primary'
        deliveries.changeRole(item.row, vehicle.isPrimary, [], nowMs)
        return
      }
      case 'disconnect':
        goAway(item.row)
        deliveries.disconnect(item.row)
        return
      case 'release':
      case 'move': {
        goAway(item.row)
        if (item.do === 'move') deliveries.moved(item.row, 'next', nowMs)
        else {
          deliveries.release(item.row, DropReason.DROP_REASON_DISCONNECTED, nowMs)
          vehicles[item.row]!.life++
        }
        must(deliveries.openCount(item.row) === 0)
        return
      }
      case 'flush': {
        const before = deliveries.counts().due
        const { sends, more } = deliveries.flush(nowMs, item.sendsMax)
        must(sends <= item.sendsMax + bounds.pairsPerRowMax)
        if (!more) must(deliveries.counts().due === 0)
        else must(sends > 0)
        must(deliveries.counts().due <= before)
        return
      }
      case 'socket':
        vehicles[item.row]!.nextResult = item.result
        return
      case 'drain':
        vehicles[item.row]!.buffered = 0
        vehicles[item.row]!.nextResult = sendResults.sent
        deliveries.writable(item.row, nowMs)
        return
      case 'acknowledge': {
        const revision = (published.get(keyOf(item.alert))?.revision ?? 3) - item.behind
        const ack = { id: idOf(item.alert), revision, stage: item.stage, dropReason: 2, vehicleTimeMs: undefined }
        const isMore = revision > (published.get(keyOf(item.alert))?.revision ?? 9)
        deliveries.acknowledge(item.row, ack, nowMs)
        const isDone =
          item.stage === DeliveryStage.DELIVERY_STAGE_TAKEN && revision > 0 && !isMore && deliveries.slotOf(keyOf(item.alert)) !== undefined
        const delivery = told.get(deliveryKey(item.row, keyOf(item.alert), revision))
        if (isDone && delivery !== undefined) must(delivery.state !== DeliveryState.DELIVERY_STATE_TARGETED)
        if (item.stage !== DeliveryStage.DELIVERY_STAGE_DROPPED) vehicles[item.row]!.mayHold.add(keyOf(item.alert))
        return
      }
      case 'reopen': {
        const slot = deliveries.slotOf(keyOf(item.alert))
        const current = published.get(keyOf(item.alert))
        if (slot === undefined || current === undefined || current.ended) return
        const name = deliveryKey(item.row, keyOf(item.alert), current.revision)
        const before = deliveries.totals().targeted
        const isNew = !told.has(name)
        deliveriesReopen(item.row, slot, current.revision, name, isNew ? keyOf(item.alert) : undefined)
        must(deliveries.totals().targeted - before <= (isNew ? 1 : 0))
        return
      }
      case 'wait':
        nowMs += item.ms
    }
  }

  /** A reopened delivery is told to nobody: the observer writes it down itself. */
  function deliveriesReopen(row: number, slot: number, revision: number, name: string, key: string | undefined): void {
    const before = deliveries.totals().targeted
    deliveries.reopen(row, slot, revision, nowMs)
    if (key === undefined || deliveries.totals().targeted === before) return
    told.set(name, { key, revision, state: DeliveryState.DELIVERY_STATE_TARGETED, dropReason: 0, sends: 0, stages: new Set() })
  }

  function isKnown(row: number): boolean {
    return vehicles[row]!.connection > 0
  }

  function goAway(row: number): void {
    const vehicle = vehicles[row]!
    vehicle.isThere = false
    vehicle.isPrimary = false
  }

  function forget(alert: number, slot: number): void {
    deliveries.forget(slot, nowMs)
    for (const delivery of told.values()) if (delivery.key === keyOf(alert)) must(delivery.state !== DeliveryState.DELIVERY_STATE_TARGETED)
    published.get(keyOf(alert))!.ended = true
    must(deliveries.ledger(keyOf(alert)) === undefined)
    sequences[alert]!++
  }

  function check(): void {
    must(!corked)
    const totals = deliveries.totals()
    expectConserved(totals)
    const all = [...told.values()]
    must(totals.targeted === all.length + unknownTaken + unknownDropped)
    must(totals.pending === all.filter(each => each.state === DeliveryState.DELIVERY_STATE_TARGETED).length)
    must(totals.superseded === all.filter(each => each.state === DeliveryState.DELIVERY_STATE_SUPERSEDED).length)
    for (const key of published.keys()) {
      const ledger = deliveries.ledger(key)
      if (ledger === undefined) continue
      for (const counts of ledger) {
        expectConserved(counts)
        const ofRevision = all.filter(each => each.key === key && each.revision === counts.revision)
        const countOf = (state: State) => ofRevision.filter(each => each.state === state).length
        must(counts.targeted === ofRevision.length)
        must(counts.pending === countOf(DeliveryState.DELIVERY_STATE_TARGETED))
        must(counts.acknowledged === countOf(DeliveryState.DELIVERY_STATE_ACKNOWLEDGED))
        must(counts.withdrawn === countOf(DeliveryState.DELIVERY_STATE_WITHDRAWN))
        must(counts.moved === countOf(DeliveryState.DELIVERY_STATE_MOVED))
        counts.dropped.forEach((count, reason) => {
          const state = DeliveryState.DELIVERY_STATE_DROPPED
          must(count === ofRevision.filter(each => each.state === state && each.dropReason === reason).length)
        })
      }
    }
    must(deliveries.counts().pairs <= bounds.pairsMax)
    for (let row = 0; row < rows; row++) must(deliveries.openCount(row) <= bounds.pairsPerRowMax)
  }

  function letGoExpired({ holds }: Vehicle): void {
    for (const [key, { validUntilMs }] of holds) if (validUntilMs <= nowMs) holds.delete(key)
  }

  /** Every vehicle comes back and reads: what is still valid reaches it, and nothing is left over. */
  function finish(): void {
    for (let row = 0; row < rows; row++) perform({ do: 'connect', row, primary: true, tells: true })
    must(!deliveries.flush(nowMs, Number.POSITIVE_INFINITY).more)
    check()
    for (const [name, delivery] of told) {
      const current = published.get(delivery.key)!
      const isSendable = delivery.revision === current.revision && !current.ended && current.validUntilMs > nowMs
      if (delivery.state === DeliveryState.DELIVERY_STATE_TARGETED && isSendable)
        must(sentOnConnection.has(`${name} ${vehicles[rowOf(name)]!.connection}`))
    }
    for (let alert = 0; alert < alerts; alert++) {
      const slot = deliveries.slotOf(keyOf(alert))
      if (slot === undefined) continue
      perform({ do: 'end', alert })
      deliveries.flush(nowMs, Number.POSITIVE_INFINITY)
      for (const vehicle of vehicles) {
        letGoExpired(vehicle)
        must(!vehicle.holds.has(keyOf(alert)))
      }
    }
    check()
    must(deliveries.totals().pending === 0)
    expect(deliveries.counts()).toMatchObject({ due: 0, blocked: 0 })
  }

  for (let row = 0; row < rows; row++) perform({ do: 'connect', row, primary: true, tells: true })
  return { perform, check, finish }
}

function createVehicle(): Vehicle {
  const socket = { buffered: 0, nextResult: sendResults.sent }
  return { life: 0, connection: 0, isThere: false, isPrimary: false, ...socket, holds: new Map(), mayHold: new Set(), said: new Map() }
}

const rowOf = (name: string) => Number(name.split('#')[0])

/** A check that is cheap enough to run a million times; the failing line is in the stack. */
function must(isTrue: boolean): asserts isTrue {
  if (!isTrue) throw new Error('broken')
}

function expectConserved(counts: LedgerCounts): void {
  const { targeted, acknowledged, expired, superseded, ended, withdrawn, moved, dropped, pending } = counts
  const droppedOfAll = dropped.reduce((sum, count) => sum + count, 0)
  must(targeted === acknowledged + expired + superseded + ended + withdrawn + moved + droppedOfAll + pending)
  for (const count of Object.values(counts).flat()) must(count >= 0)
}

const keepsTheBooks = (create: Create) =>
  fc.property(fc.array(command, { minLength: 1, maxLength: 100, size: 'max' }), commands => {
    const world = createWorld(create)
    for (const item of commands) {
      world.perform(item)
      world.check()
    }
    world.finish()
  })

/** Busy machines; nothing here waits. */
const timeoutMs = 60_000

describe('any life of vehicles and alerts', { timeout: timeoutMs }, () => {
  test('adds up after every step, and sends nothing twice, late or to the wrong place', () => {
    fc.assert(keepsTheBooks(createDeliveries), { seed: 11, numRuns: 400 })
  })

  const isCaught = (create: Create) => fc.check(keepsTheBooks(create), { seed: 11, numRuns: 400 }).failed

  test('the property catches deliveries that forget to close what is superseded', () => {
    const forgetful: Create = options => {
      const isClosing = (step: DeliveryTransition) => step.state === DeliveryState.DELIVERY_STATE_SUPERSEDED
      const deliveries = createDeliveries({ ...options, onTransition: step => isClosing(step) || options.onTransition(step) })
      const open = (totals: LedgerCounts) => ({ ...totals, superseded: 0, pending: totals.pending + totals.superseded })
      return { ...deliveries, totals: () => open(deliveries.totals()) }
    }
    expect(isCaught(forgetful)).toBe(true)
  })

  test('the property catches a flush that runs on an old clock', () => {
    const late: Create = options => {
      const deliveries = createDeliveries(options)
      return { ...deliveries, flush: (nowMs, sendsMax) => deliveries.flush(nowMs - 300, sendsMax) }
    }
    expect(isCaught(late)).toBe(true)
  })

  test('the property catches a second send on one socket', () => {
    const twice: Create = options => {
      const { socket } = options
      const send = (row: number, frame: Uint8Array) => {
        socket.send(row, frame)
        return socket.send(row, frame)
      }
      return createDeliveries({ ...options, socket: { ...socket, send } })
    }
    expect(isCaught(twice)).toBe(true)
  })

  test('the property catches deliveries that drop the loss of a moved vehicle under the table', () => {
    const silent: Create = options => {
      const deliveries = createDeliveries(options)
      return { ...deliveries, release: row => deliveries.disconnect(row) }
    }
    expect(isCaught(silent)).toBe(true)
  })
})
