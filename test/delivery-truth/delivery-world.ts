/*
 * Real zones and real SDK cores on one simulated clock, with sockets that can break, stall and swallow, and links between the nodes that delay,
 * repeat, reorder and lose. Whatever passes a socket or is recorded is told to the scorer, which judges it.
 */
import { decodeFrame, encodeFrame, formatAlertKey, outrider } from '@outrider/protocol'
import type { OpenSocket, SocketEvents } from '@outrider/sdk'
import { createMemoryLane, createOpenDeliveries, createZone, type MemoryLane, type Zone, type ZonePolicy } from '@outrider/zone'
import { everythingAtOnce } from '../../packages/sdk/src/presentation-policy.js'
import { createVehicleCore, type VehicleCore } from '../../packages/sdk/src/vehicle-core.js'
import { fromWire, truthOf } from './alert-drafts.js'
import type { Chance } from './chance.js'
import { createDriver, type Driver } from './city-motion.js'
import type { TrueRevision, TrueSample } from './concerned-truth.js'
import { type Place, placeOff } from './earth.js'
import { createTrueLedger, type Step, type TrueLedger } from './ledger-truth.js'
import { createScorer, type Scorer } from './scorer.js'
import { createSimulatedTime, type SimulatedTime, wallStartMs } from './simulated-time.js'

const { DeliveryStage, DeliveryState, EndScope, LinkRole } = outrider.v1

export const middle: Place = { latDeg: 53.55, lonDeg: 9.99 }
const latencyMs = 20
const tickMs = 500

/** A bug put in on purpose, to see that it is found. */
export interface Plant {
  /** What the scorer is told of a revision instead. */
  readonly truth?: (truth: TrueRevision) => TrueRevision
  readonly policy?: Partial<ZonePolicy>
  /** True = the frame never leaves the node, though it says so. */
  readonly swallows?: (type: string, sinceHelloMs: number, chance: Chance) => boolean
  /** True = the vehicle's frame never reaches the node's core. */
  readonly ignores?: (type: string, chance: Chance) => boolean
  /** True = a process that starts does not read what the one before left open. */
  readonly forgets?: boolean
  /** True = the frame is written twice. */
  readonly repeats?: (type: string, chance: Chance) => boolean
}

export interface WorldOptions {
  readonly chance: Chance
  readonly nodes: number
  readonly vehicles: number
  readonly halfSideM: number
  readonly plant?: Plant
  /** Prints all that passes the sockets of this vehicle: to see what a seed found. */
  readonly traced?: string | undefined
}

/** One socket, as both ends see it. */
interface Socket {
  readonly vehicle: SimulatedVehicle
  readonly node: SimulatedNode
  readonly events: SocketEvents
  row: number
  isOpen: boolean
  /** The node's kernel takes nothing more. */
  isStalled: boolean
  /** The kernel takes all, and nothing arrives until it is opened again: frames wait here. */
  withheld: Uint8Array[] | undefined
  helloAtMs: number
  /** Its last samples were not believed. */
  isLost: boolean
}

export interface SimulatedNode {
  readonly name: string
  readonly url: string
  /** The core of its process that runs now. */
  zone: Zone
  /** The core of another process. */
  readonly start: () => Zone
  readonly lane: MemoryLane
  readonly ledger: TrueLedger
  readonly sockets: Map<number, Socket>
  /** Records of the lane that were read. */
  recordsRead: number
}

export interface SimulatedVehicle {
  readonly name: string
  readonly core: VehicleCore
  readonly driver: Driver
  /** Reports nothing until then: a tunnel. */
  silentUntilMs: number
  socket: Socket | undefined
}

export interface DeliveryWorld {
  readonly time: SimulatedTime
  readonly scorer: Scorer
  readonly nodes: readonly SimulatedNode[]
  readonly vehicles: readonly SimulatedVehicle[]
  /** Runs something on a node's core, then tells the scorer what came of it. */
  on<Result>(node: SimulatedNode, run: (zone: Zone) => Result): Result
  /** Tells the scorer of a live alert or end that a node took. */
  takeLive(node: SimulatedNode, live: Live): void
  breakSocket(vehicle: SimulatedVehicle): void
  /** The node's process dies with all it knows but its records, and another one starts from them. */
  crash(node: SimulatedNode): void
  stall(vehicle: SimulatedVehicle, isStalled: boolean): void
  withhold(vehicle: SimulatedVehicle, isWithheld: boolean): void
  /** The vehicle's node sends it to another one, calmly. */
  sendTo(vehicle: SimulatedVehicle, node: SimulatedNode): void
  run(untilMs: number): void
  /** Nodes' ledgers against their records. */
  checkLedgers(): void
}

export type Live = { readonly alert: outrider.v1.LiveAlert.$Properties } | { readonly end: outrider.v1.LiveEnd.$Properties }

const stageNames: Readonly<Record<number, Step['stage']>> = {
  [DeliveryStage.DELIVERY_STAGE_RECEIVED]: 'received',
  [DeliveryStage.DELIVERY_STAGE_TAKEN]: 'taken',
  [DeliveryStage.DELIVERY_STAGE_SHOWN]: 'shown',
  [DeliveryStage.DELIVERY_STAGE_DROPPED]: 'dropped',
}

export function createDeliveryWorld({
  chance,
  nodes: nodeCount,
  vehicles: vehicleCount,
  halfSideM,
  plant = {},
  traced,
}: WorldOptions): DeliveryWorld {
  const time = createSimulatedTime()
  const scorer = createScorer()
  /** What was written within the call under way: judged when the records have told what stands. */
  let writes: (() => void)[] = []

  function trace(vehicle: string, ...said: readonly unknown[]): void {
    if (vehicle === traced) process.stdout.write(`${time.nowMs.toFixed(0)} ${said.map(each => JSON.stringify(each)).join(' ')}\n`)
  }

  function createNode(index: number): SimulatedNode {
    const name = `node-${'abcdefgh'[index]}`
    const lanes = { urgent: createMemoryLane(), telemetry: createMemoryLane() }
    const sockets = new Map<number, Socket>()
    let boots = 0
    const start = (): Zone =>
      createZone({
        node: name,
        zone: 'altstadt',
        authority: 'test',
        boot: 0xb000 + 16 * boots++ + index,
        ground: { latitudeDeg: middle.latDeg, longitudeDeg: middle.lonDeg, eastM: halfSideM + 1_000, northM: halfSideM + 1_000 },
        clock: { ...time.clock, wallOffsetMs: () => 0 },
        sockets: {
          bufferedBytes: row => (sockets.get(row)?.isStalled ? 1 : 0),
          send: (row, frame) => write(node, row, frame),
          sendText: () => 2,
          cork: (_row, run) => run(),
          close(row, code, reason) {
            const socket = sockets.get(row)
            if (socket !== undefined) time.at(latencyMs, () => end(socket, { code, reason }))
            detach(node, row)
          },
        },
        lanes,
        policy: { vehiclesMax: vehicleCount + 8, alertsMax: 4_096, matchRows: 10, ...plant.policy },
      })
    const node: SimulatedNode = {
      name,
      url: `ws://${name}`,
      zone: start(),
      start,
      lane: lanes.urgent,
      ledger: createTrueLedger(name),
      sockets,
      recordsRead: 0,
    }
    return node
  }

  function write(node: SimulatedNode, row: number, frame: Uint8Array): 0 | 1 | 2 {
    const socket = node.sockets.get(row)
    if (socket === undefined) return 2
    const bytes = frame.slice()
    const outcome = decodeFrame(bytes)
    if (outcome.kind !== 'frame') throw new Error(`a node wrote a frame that is ${outcome.kind}`)
    trace(socket.vehicle.name, node.name, 'wrote', outcome.type, outcome.type === 'alert' ? named(outcome.message) : outcome.message)
    if (plant.swallows?.(outcome.type, time.nowMs - socket.helloAtMs, chance)) return 1
    const times = plant.repeats?.(outcome.type, chance) ? 2 : 1
    for (let copy = 0; copy < times; copy++) {
      judgeWrite(node, socket.vehicle.name, outcome)
      if (socket.withheld === undefined) time.at(latencyMs, () => arrive(socket, bytes))
      else socket.withheld.push(bytes)
    }
    return 1
  }

  function judgeWrite(node: SimulatedNode, vehicle: string, outcome: ReturnType<typeof decodeFrame> & { readonly kind: 'frame' }): void {
    const atMs = time.nowMs
    if (outcome.type === 'alert') {
      const { id, revision } = outcome.message.alert!
      const key = formatAlertKey(id!)
      writes.push(() => scorer.wrote(node.name, vehicle, key, revision!, atMs))
    } else if (outcome.type === 'end') {
      const { alertId, scope } = outcome.message
      const isWithdrawn = scope === EndScope.END_SCOPE_WITHDRAWN
      writes.push(() => scorer.told(node.name, vehicle, formatAlertKey(alertId!), isWithdrawn, atMs))
    }
  }

  /** A frame reaches the vehicle. */
  function arrive(socket: Socket, bytes: Uint8Array): void {
    if (!socket.isOpen) return
    const outcome = decodeFrame(bytes)
    if (outcome.kind === 'frame' && outcome.type === 'alert') {
      const { alert, remainingMs } = outcome.message
      pushed.set(`${socket.vehicle.name} ${formatAlertKey(alert!.id!)}`, time.nowMs + (remainingMs ?? 0))
    }
    socket.events.message(bytes)
  }
  const pushed = new Map<string, number>()

  /** The node has no socket any more on that row. */
  function detach(node: SimulatedNode, row: number): void {
    const socket = node.sockets.get(row)
    if (socket === undefined) return
    node.sockets.delete(row)
    scorer.left(node.name, socket.vehicle.name)
  }

  /** The vehicle has no socket any more. */
  function end(socket: Socket, how: { readonly code: number; readonly reason: string }): void {
    if (!socket.isOpen) return
    socket.isOpen = false
    if (socket.vehicle.socket === socket) socket.vehicle.socket = undefined
    socket.events.closed(how)
  }

  function openSocket(vehicle: SimulatedVehicle): OpenSocket {
    return ({ url }, events) => {
      const node = nodes.find(each => each.url === url)
      let socket: Socket | undefined
      let isAborted = false
      time.at(latencyMs, () => {
        if (isAborted) return
        if (node === undefined) return events.closed({ code: 1006, reason: 'no such node' })
        const opened = on(node, zone => zone.open(identityOf(vehicle.name), false))
        if ('refused' in opened) return events.closed({ code: 1006, reason: opened.refused })
        socket = {
          vehicle,
          node,
          events,
          row: opened.row,
          isOpen: true,
          isStalled: false,
          withheld: undefined,
          helloAtMs: time.nowMs,
          isLost: false,
        }
        node.sockets.set(opened.row, socket)
        vehicle.socket = socket
        scorer.joined(node.name, vehicle.name)
        events.opened('outrider.v1')
      })
      const goes = (): void => {
        if (socket === undefined || !socket.isOpen) return
        socket.isOpen = false
        const { node: at, row } = socket
        if (at.sockets.get(row) === socket) {
          detach(at, row)
          on(at, zone => zone.closed(row))
        }
      }
      return {
        bufferedBytes: 0,
        send(bytes) {
          const copy = bytes.slice()
          time.at(latencyMs, () => {
            if (socket !== undefined && socket.node.sockets.get(socket.row) === socket) receive(socket, copy)
          })
        },
        close(code, reason) {
          const left = socket
          time.at(latencyMs, () => {
            if (left === undefined) return
            const wasOpen = left.isOpen
            goes()
            if (wasOpen) events.closed({ code, reason })
          })
        },
        abort() {
          isAborted = true
          goes()
        },
      }
    }
  }

  /** A vehicle's frame reaches its node. */
  function receive(socket: Socket, bytes: Uint8Array): void {
    const { node, vehicle, row } = socket
    const outcome = decodeFrame(bytes)
    if (outcome.kind !== 'frame') throw new Error(`a vehicle wrote a frame that is ${outcome.kind}`)
    trace(vehicle.name, node.name, 'receives', outcome.type, outcome.message)
    if (plant.ignores?.(outcome.type, chance)) {
      if (outcome.type === 'deliveryAck') judgeAnswers(node, vehicle, outcome.message)
      return
    }
    const believed = (): number => node.zone.counts.samples - sum(node.zone.counts.samplesImplausible)
    const before = believed()
    const disbelieved = (): number => sum(node.zone.counts.samplesImplausible) - (node.zone.counts.samplesImplausible.late ?? 0)
    const lost = disbelieved()
    const isReport = outcome.type === 'telemetry' || outcome.type === 'urgent'
    on(
      node,
      zone => zone.receive(row, bytes, false),
      () => {
        if (!isReport) return
        if (believed() === before) {
          socket.isLost ||= disbelieved() > lost
          return
        }
        // After a jump the first samples are not believed; the last one is, if any is.
        const isFound = disbelieved() > lost
        const samples = samplesOf(outcome.message)
        scorer.accepted(node.name, vehicle.name, isFound ? samples.slice(-1) : samples, socket.isLost || isFound)
        socket.isLost = false
      },
    )
    if (outcome.type === 'hello') {
      socket.helloAtMs = time.nowMs
      if (outcome.message.role !== LinkRole.LINK_ROLE_STANDBY) scorer.reads(node.name, vehicle.name, !socket.isStalled, time.nowMs)
      flush(node)
    }
    if (isReport) {
      flush(node)
      if (believed() > before) scorer.judge(node.name, vehicle.name)
    }
    if (outcome.type === 'deliveryAck') judgeAnswers(node, vehicle, outcome.message)
  }

  /** All samples, at the time they were accepted. */
  function samplesOf({ samples }: outrider.v1.Report.$Properties): TrueSample[] {
    return (samples ?? []).map(({ latitudeE7, longitudeE7, speedCmps, headingDecideg }) => ({
      atMs: time.nowMs,
      place: fromWire({ latitudeE7: latitudeE7 ?? 0, longitudeE7: longitudeE7 ?? 0 }),
      speedMps: (speedCmps ?? 0) / 100,
      courseDeg: (headingDecideg ?? 0) / 10,
    }))
  }

  function judgeAnswers(node: SimulatedNode, vehicle: SimulatedVehicle, ack: outrider.v1.DeliveryAck.$Properties): void {
    for (const { alertId, revision, stage } of ack.entries ?? []) {
      if (stage !== DeliveryStage.DELIVERY_STAGE_RECEIVED) node.ledger.answered(vehicle.name, formatAlertKey(alertId!), revision!)
    }
  }

  /** @param known called when the records are read, before what was written is judged */
  function on<Result>(node: SimulatedNode, run: (zone: Zone) => Result, known: () => void = () => {}): Result {
    const result = run(node.zone)
    readRecords(node)
    known()
    const judged = writes
    writes = []
    for (const judge of judged) judge()
    return result
  }

  function flush(node: SimulatedNode): void {
    while (on(node, zone => zone.flush()).more);
  }

  /** What the node wrote down of its own alerts and of deliveries. */
  function readRecords(node: SimulatedNode): void {
    const { records } = node.lane
    for (; node.recordsRead < records.length; node.recordsRead++) {
      const { alert, end: ended, delivery } = outrider.v1.Record.decode(records[node.recordsRead]!)
      if (alert != null) stands(node, alert)
      if (ended != null) scorer.ended(node.name, formatAlertKey(ended.alertId!), time.nowMs)
      // An arrival changes no state; the ledger does not count it.
      if (delivery == null || delivery.reachedTimeMs != null) continue
      node.ledger.take({
        vehicle: delivery.vehicle ?? '',
        key: formatAlertKey(delivery.alertId!),
        revision: delivery.revision ?? 0,
        state: DeliveryState[delivery.state ?? 0]!.replace('DELIVERY_STATE_', '').toLowerCase(),
        stage: stageNames[delivery.stage ?? 0] ?? '',
        recovered: delivery.recovered ?? false,
      })
    }
  }

  function stands(node: SimulatedNode, alert: outrider.v1.Alert.$Properties): void {
    const truth = truthOf(alert)
    const standing = {
      key: formatAlertKey(alert.id!),
      revision: alert.revision!,
      truth: plant.truth?.(truth) ?? truth,
      untilMs: alert.validUntilMs! - wallStartMs,
      isRenewal: alert.renewal ?? false,
    }
    scorer.stands(node.name, standing, time.nowMs)
  }

  function createVehicle(index: number): SimulatedVehicle {
    const name = `v${index}`
    const home = nodes[index % nodes.length]!
    const vehicle: SimulatedVehicle = {
      name,
      driver: createDriver(chance, halfSideM),
      silentUntilMs: 0,
      socket: undefined,
      core: createVehicleCore({
        url: home.url,
        clock: time.clock,
        timers: time.timers,
        random: chance.next,
        openSocket: (request, events) => openSocket(vehicle)(request, events),
        obtainToken: (_reason, done) => done({ token: name }),
        canRenewToken: false,
        locate: (_url, _at, done) => done(undefined),
        vehicleLengthDm: undefined,
        role: outrider.v1.VehicleRole.VEHICLE_ROLE_UNSPECIFIED,
        queueMax: 32,
        takesPartInExercises: false,
        // What a node tells is scored, not what a driver hears of it.
        policy: everythingAtOnce,
        handlers: {
          connected: () => {},
          waiting: () => take(vehicle),
          urgentDecided: () => {},
          over: error => scorer.fault(`${name} gave up: ${error.message}`),
          event(event) {
            trace(name, event)
            if (event.event === 'alert_pushed') {
              const isHeld = ['new', 'updated', 'repeated', 'continued', 'quiet'].includes(event.outcome)
              scorer.got(name, event.id, isHeld ? (pushed.get(`${name} ${event.id}`) ?? 0) : 0)
            } else if (event.event === 'alert_ended') scorer.gotEnd(name, event.id, time.nowMs)
          },
        },
      }),
    }
    const everyMs = chance.of([1_000, 1_000, 1_000, 500, 2_000])
    const noiseM = chance.of([0, 2, 5])
    const report = (): void => {
      vehicle.driver.drive(everyMs / 1_000)
      if (time.nowMs >= vehicle.silentUntilMs) vehicle.core.report(sampleAt(vehicle.driver, noiseM))
      time.at(everyMs, report)
    }
    time.at(chance.between(0, 2_000), () => {
      vehicle.core.start()
      time.at(chance.between(0, everyMs), report)
    })
    return vehicle
  }

  function sampleAt({ motion }: Driver, noiseM: number) {
    const radiusM = noiseM * Math.sqrt(chance.next())
    const angle = chance.between(0, 2 * Math.PI)
    const place = placeOff(middle, motion.eastM + Math.sin(angle) * radiusM, motion.northM + Math.cos(angle) * radiusM)
    return { latitude: place.latDeg, longitude: place.lonDeg, speedMps: motion.speedMps, headingDeg: motion.courseDeg, accuracyM: 5 }
  }

  /** The application takes what there is and shows it. */
  function take(vehicle: SimulatedVehicle): void {
    for (let handle = vehicle.core.takeAlert(); handle !== undefined; handle = vehicle.core.takeAlert()) {
      scorer.shown(vehicle.name, handle.entry.key)
      vehicle.core.shown(handle)
    }
    while (vehicle.core.takeEnd() !== undefined);
  }

  const nodes = Array.from({ length: nodeCount }, (_, index) => createNode(index))
  const vehicles = Array.from({ length: vehicleCount }, (_, index) => createVehicle(index))
  for (const node of nodes) {
    const ticks = (): void => {
      on(node, zone => zone.tick())
      flush(node)
      time.at(tickMs, ticks)
    }
    time.at(chance.between(0, tickMs), ticks)
  }

  return {
    time,
    scorer,
    nodes,
    vehicles,
    on(node, run) {
      const result = on(node, run)
      flush(node)
      return result
    },
    takeLive(node, live) {
      if ('alert' in live) {
        const { alert } = live
        // Said before it is taken, since whoever it concerns may be sent it at once; said again it changes nothing.
        const known = node.zone.registry.get(formatAlertKey(alert.alert!.id!))
        const isNews = known === undefined || (known.state !== 'ended' && known.revision < alert.alert!.revision!)
        if (isNews && (alert.keepRemainingMs ?? 0) > 0 && (alert.remainingMs ?? 0) > 0) stands(node, alert.alert!)
        on(node, zone => zone.takeAlert(alert))
      } else {
        scorer.ended(node.name, formatAlertKey(live.end.end!.alertId!), time.nowMs)
        on(node, zone => zone.takeEnd(live.end))
      }
      flush(node)
    },
    breakSocket(vehicle) {
      const { socket } = vehicle
      if (socket === undefined) return
      const { node, row } = socket
      if (node.sockets.get(row) === socket) {
        detach(node, row)
        on(node, zone => zone.closed(row))
      }
      end(socket, { code: 1006, reason: 'broken' })
    },
    crash(node) {
      for (const socket of [...node.sockets.values()]) {
        detach(node, socket.row)
        end(socket, { code: 1006, reason: 'the node crashed' })
      }
      node.ledger.restarted()
      node.zone = node.start()
      const open = createOpenDeliveries()
      for (const record of node.lane.records) open.read(record)
      const pending = node.ledger.counts().pending ?? 0
      if (open.list().length !== pending) scorer.fault(`${node.name}: ${open.list().length} open in its records, ${pending} in truth`)
      const { reopened } = plant.forgets ? { reopened: pending } : node.zone.recover(open.list())
      if (reopened !== pending) scorer.fault(`${node.name}: ${reopened} reopened of ${pending}`)
      scorer.crashed(node.name)
    },
    stall({ socket, name }, isStalled) {
      if (socket === undefined || socket.node.sockets.get(socket.row) !== socket || socket.isStalled === isStalled) return
      socket.isStalled = isStalled
      scorer.reads(socket.node.name, name, !isStalled, time.nowMs)
      if (isStalled) return
      on(socket.node, zone => zone.drained(socket.row))
      flush(socket.node)
    },
    withhold({ socket }, isWithheld) {
      if (socket === undefined || (socket.withheld !== undefined) === isWithheld) return
      const frames = socket.withheld ?? []
      socket.withheld = isWithheld ? [] : undefined
      for (const bytes of frames) time.at(latencyMs, () => arrive(socket, bytes))
    },
    sendTo({ socket }, node) {
      if (socket === undefined || socket.node === node) return
      const drain = encodeFrame('drain', { reconnect: { allowed: true, url: node.url, afterMs: 0 }, closesInMs: 200 })
      time.at(latencyMs, () => arrive(socket, drain))
    },
    run(untilMs) {
      time.run(untilMs)
      scorer.passed(time.nowMs)
    },
    checkLedgers() {
      for (const { name, zone, ledger } of nodes) {
        const { targeted, pending, dropped, ...rest } = zone.totals()
        const own: Record<string, number> = { ...rest, targeted, pending, dropped: dropped.reduce((all, each) => all + each, 0) }
        const closed = ['acknowledged', 'expired', 'superseded', 'ended', 'withdrawn', 'moved', 'dropped'].map(each => own[each]!)
        if (targeted !== closed.reduce((all, each) => all + each, pending))
          scorer.fault(`${name}: the ledger does not add up: ${JSON.stringify(own)}`)
        for (const [state, now] of Object.entries(ledger.counts())) {
          if (own[state]! < now || own[state]! > now + ledger.unsure)
            scorer.fault(`${name}: ${own[state]} are ${state} in the ledger, ${now} by its records, at ${time.nowMs}`)
        }
      }
    },
  }
}

function named({ alert, remainingMs }: outrider.v1.AlertPush.$Properties): string {
  return `${formatAlertKey(alert!.id!)} r${alert!.revision} for ${remainingMs} ms`
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, each) => all + each, 0)
}

function identityOf(name: string) {
  const links = [{ day: 20_717, link: `link of ${name}` }]
  const expiresAtMs = wallStartMs + 3_600_000
  return { authority: 'test', pseudonym: name, role: 'default' as const, links, issuedAtMs: 0, validFromMs: 0, expiresAtMs, keyId: 'k' }
}
