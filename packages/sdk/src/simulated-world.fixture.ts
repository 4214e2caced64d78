// A world in simulated time: one clock, its timers, and nodes that vehicles' sockets lead to. Nothing here waits for anything real.
// Frames go through the protocol's own codec on both sides.
import type { DecodedFrame, FrameContent, FrameName, outrider as wire } from '@outrider/protocol'
import { decodeFrame, encodeFrame, formatAlertKey, outrider } from '@outrider/protocol'
import type { Clock, OpenSocket, SocketEnd, SocketEvents, SocketRequest, Timers } from './ports.js'
import { everythingAtOnce } from './presentation-policy.js'
import type { VehicleCoreHandlers, VehicleCoreOptions } from './vehicle-core.js'
import { createVehicleCore } from './vehicle-core.js'
import type { VehicleEvent } from './vehicle-events.js'

/** Wall time at the simulation's start: 2026-01-01, far from the monotonic clock's 0. */
export const wallStartMs = 1_767_225_600_000
/** One way through the simulated network. */
export const latencyMs = 20

interface SimulatedTime {
  readonly clock: Clock
  readonly timers: Timers
  readonly nowMs: number
  /** Lets time pass, running what falls due in order. */
  run(durationMs: number): void
}

function createSimulatedTime(): SimulatedTime {
  let nowMs = 0
  let counter = 0
  let pending: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = []
  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => wallStartMs + nowMs },
    timers: {
      set(delayMs, run) {
        const timer = { atMs: nowMs + Math.max(0, delayMs), order: counter++, run }
        pending.push(timer)
        return () => {
          pending = pending.filter(other => other !== timer)
        }
      },
    },
    get nowMs() {
      return nowMs
    },
    run(durationMs) {
      const endMs = nowMs + durationMs
      for (let steps = 0; ; steps++) {
        // A machine that wakes itself at once for ever would hang a test instead of failing it.
        if (steps > 200_000) throw new Error(`no end of timers at ${nowMs} ms`)
        const next = pending.reduce<(typeof pending)[number] | undefined>(
          (first, timer) =>
            first === undefined || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order) ? timer : first,
          undefined,
        )
        if (next === undefined || next.atMs > endMs) break
        pending = pending.filter(other => other !== next)
        nowMs = next.atMs
        next.run()
      }
      nowMs = endMs
    },
  }
}

export interface SimulatedSocket {
  readonly request: SocketRequest
  /** Frames of the vehicle that arrived, in order. */
  readonly received: DecodedFrame[]
  readonly isOpen: boolean
  send<Name extends FrameName>(type: Name, content: FrameContent<Name>): void
  sendBytes(bytes: Uint8Array): void
  /** The node closes, or the network breaks (without a code). */
  end(end?: Partial<SocketEnd>): void
  /** From now on nothing arrives in either direction, and nobody is told. */
  freeze(): void
}

export interface SimulatedNode {
  readonly url: string
  /** Sockets in the order they were opened. */
  readonly sockets: SimulatedSocket[]
  /** Answers upgrades; false = the network refuses. */
  accepts: boolean | { readonly httpStatus: number }
  /** What to do with each frame; default: welcome the first hello, answer time questions. */
  onFrame: (socket: SimulatedSocket, frame: DecodedFrame) => void
  welcome: FrameContent<'welcome'>
  /** Node's clock less the vehicle's. */
  clockLeadMs: number
  /** One way to it. */
  latencyMs: number
}

export interface SimulatedWorld {
  readonly time: SimulatedTime
  readonly openSocket: OpenSocket
  node(url: string): SimulatedNode
}

export function createSimulatedWorld(): SimulatedWorld {
  const time = createSimulatedTime()
  const nodes = new Map<string, SimulatedNode>()

  function node(url: string): SimulatedNode {
    const known = nodes.get(url)
    if (known !== undefined) return known
    const created: SimulatedNode = {
      url,
      sockets: [],
      accepts: true,
      clockLeadMs: 0,
      latencyMs,
      welcome: { zone: 'z1', node: url, session: 's', intervalMs: 1_000 },
      onFrame: () => {},
    }
    nodes.set(url, created)
    return created
  }

  function openSocket(request: SocketRequest, events: SocketEvents) {
    const target = node(request.url)
    let state: 'connecting' | 'open' | 'ended' = 'connecting'
    let isFrozen = false
    let isHeard = true
    const received: DecodedFrame[] = []

    function later(run: () => void): void {
      time.timers.set(target.latencyMs, () => {
        if (!isFrozen) run()
      })
    }
    function end(given: Partial<SocketEnd>): void {
      if (state === 'ended') return
      state = 'ended'
      if (isHeard) events.closed({ code: 1006, reason: '', ...given })
    }
    const socket: SimulatedSocket = {
      request,
      received,
      get isOpen() {
        return state === 'open' && !isFrozen
      },
      send: (type, content) => socket.sendBytes(encodeFrame(type, content)),
      sendBytes: bytes =>
        later(() => {
          if (state === 'open' && isHeard) events.message(bytes.slice())
        }),
      // At once: what is on its way in either direction is lost, as in a broken connection.
      end: given => end(given ?? {}),
      freeze: () => {
        isFrozen = true
      },
    }
    function arrived(bytes: Uint8Array): void {
      const frame = decodeFrame(bytes)
      if (frame.kind !== 'frame') throw new Error(`the vehicle sent a frame that is ${frame.kind}`)
      received.push(frame)
      const isFirstHello = received.filter(({ type }) => type === 'hello').length === 1
      const timeMs = time.clock.wallMs() + target.clockLeadMs
      if (frame.type === 'hello' && isFirstHello) {
        const { vehicleTimeMs } = frame.message
        socket.send('welcome', { serverTimeMs: timeMs, ...(vehicleTimeMs == null ? {} : { vehicleTimeMs }), ...target.welcome })
      }
      if (frame.type === 'time') {
        socket.send('time', { askedTimeMs: frame.message.askedTimeMs, receivedTimeMs: timeMs, answeredTimeMs: timeMs })
      }
      target.onFrame(socket, frame)
    }
    later(() => {
      if (state !== 'connecting') return
      if (target.accepts === true) {
        state = 'open'
        target.sockets.push(socket)
        events.opened('outrider.v1')
      } else end(target.accepts === false ? { reason: 'refused' } : { httpStatus: target.accepts.httpStatus })
    })
    return {
      bufferedBytes: 0,
      send: (bytes: Uint8Array) => {
        if (state !== 'open') return
        const copy = bytes.slice()
        later(() => {
          if (state === 'open') arrived(copy)
        })
      },
      close: (code: number, reason: string) => later(() => end({ code, reason })),
      abort: () => {
        isHeard = false
        state = 'ended'
      },
    }
  }
  return { time, openSocket, node }
}

export interface SimulatedVehicle {
  readonly core: ReturnType<typeof createVehicleCore>
  readonly events: VehicleEvent[]
  readonly calls: { connected: number; over: Parameters<VehicleCoreHandlers['over']>[0] | undefined }
  readonly urgentOutcomes: Map<number, Parameters<VehicleCoreHandlers['urgentDecided']>[1]>
}

/** A core with everything simulated; `random` is half unless given. */
export function createSimulatedVehicle(
  world: SimulatedWorld,
  options: Partial<Omit<VehicleCoreOptions, 'handlers'>> = {},
): SimulatedVehicle {
  const events: VehicleEvent[] = []
  const calls: SimulatedVehicle['calls'] = { connected: 0, over: undefined }
  const urgentOutcomes: SimulatedVehicle['urgentOutcomes'] = new Map()
  const core = createVehicleCore({
    url: 'ws://home',
    clock: world.time.clock,
    timers: world.time.timers,
    random: () => 0.5,
    openSocket: world.openSocket,
    obtainToken: (_reason, done) => done({ token: 'token' }),
    canRenewToken: false,
    locate: (_url, _at, done) => done(undefined),
    vehicleLengthDm: undefined,
    role: outrider.v1.VehicleRole.VEHICLE_ROLE_UNSPECIFIED,
    queueMax: 32,
    takesPartInExercises: false,
    policy: everythingAtOnce,
    ...options,
    handlers: {
      connected: () => {
        calls.connected++
      },
      waiting: () => {},
      urgentDecided: (number, outcome) => {
        if (urgentOutcomes.has(number)) throw new Error(`urgent report ${number} was decided twice`)
        urgentOutcomes.set(number, outcome)
      },
      over: error => {
        calls.over = error
      },
      event: event => {
        events.push(event)
      },
    },
  })
  return { core, events, calls, urgentOutcomes }
}

/** A valid alert; `sequence` says which. */
export function makeAlert(sequence: number, more: wire.v1.Alert.$Properties = {}): wire.v1.Alert.$Properties {
  return {
    id: alertId(sequence),
    revision: 1,
    status: outrider.v1.AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 94 },
    eventPosition: { latitudeE7: 535_500_000, longitudeE7: 99_900_000 },
    priority: outrider.v1.Priority.PRIORITY_WARNING,
    ...more,
  }
}

export function alertId(sequence: number): wire.v1.AlertId.$Properties {
  return { node: 'n1', boot: 7, sequence }
}

export function alertKey(sequence: number): string {
  return formatAlertKey(alertId(sequence))
}
