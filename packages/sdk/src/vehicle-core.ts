// The vehicle as a state machine: no socket, clock or timer of its own, everything happens inside a call from outside or at the one
// wake-up that is armed, for whatever is due first. Here meet the parts: connection, reports, alerts, acknowledgements, clock offset.
import type { DecodedFrame, FrameContent, outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import type { AlertHandle } from './alert-entry.js'
import { createAlertIntake } from './alert-intake.js'
import type { EndedAlert } from './alert-store.js'
import { createAlertStore } from './alert-store.js'
import { createClockOffset } from './clock-offset.js'
import type { ConnectionOptions } from './connection.js'
import { createConnection } from './connection.js'
import { createDeliveryAcks } from './delivery-acks.js'
import type { Link } from './link.js'
import type { Clock, OpenSocket, Timers } from './ports.js'
import type { PresentationPolicy } from './presentation-policy.js'
import { createPresenter } from './presenter.js'
import { createReports } from './reports.js'
import type { SdkError } from './sdk-error.js'
import { sdkName, sdkVersion } from './sdk-version.js'
import { compareUrgency } from './urgency.js'
import type { UrgentOutcome } from './urgent-queue.js'
import type { VehicleEvent, VehicleEventBody, VehicleStats } from './vehicle-events.js'
import type { VehicleSample } from './vehicle-sample.js'
import { createVehicleTally } from './vehicle-tally.js'

const { LinkRole } = outrider.v1

/** Platforms take longer delays for none at all (2^31 - 1 ms); waking early costs one look. */
const delayMsMax = 2_147_483_647

/** How long a close waits for what becomes of urgent reports that went out: a round trip, one fsync, and some. */
const urgentCloseMs = 500

export interface VehicleCoreOptions {
  readonly url: string
  readonly clock: Clock
  readonly timers: Timers
  /** 0 ≤ random < 1. */
  readonly random: () => number
  readonly openSocket: OpenSocket
  readonly obtainToken: ConnectionOptions['obtainToken']
  readonly canRenewToken: boolean
  readonly locate: ConnectionOptions['locate']
  readonly vehicleLengthDm: number | undefined
  readonly role: wire.v1.VehicleRole
  /** Alerts that wait for the application at most. */
  readonly queueMax: number
  readonly takesPartInExercises: boolean
  readonly policy: PresentationPolicy
  readonly handlers: VehicleCoreHandlers
}

export interface VehicleCoreHandlers {
  /** A node has welcomed us: the first time, and after each reconnect. */
  connected(): void
  /** Alerts, ends or questions may wait to be taken. */
  waiting(): void
  urgentDecided(number: number, outcome: UrgentOutcome): void
  /** There will be no link any more, and no alert. */
  over(error: SdkError): void
  event(event: VehicleEvent): void
}

export interface VehicleCore {
  start(): void
  /**
   * Takes a sample; the number of the report if it is urgent.
   * @throws SdkError `out_of_range`, `queue_full`
   */
  report(sample: VehicleSample): number | undefined
  /** The next one that the driver is to be told of. */
  takeAlert(): AlertHandle | undefined
  /** A hazard that was passed, about which the driver may be asked. */
  takeQuestion(): AlertHandle | undefined
  takeEnd(): EndedAlert | undefined
  shown(handle: AlertHandle): void
  /** Alerts that were told and are held, the most urgent first. */
  active(): readonly AlertHandle[]
  readonly isConnected: boolean
  readonly lastFailure: string
  readonly lastPosition: { readonly latitude: number; readonly longitude: number } | undefined
  readonly intervalMs: number
  /** Node's clock less ours, in ms, right within `errorMs`; undefined before the first exchange. */
  readonly clockOffset: { readonly offsetMs: number; readonly errorMs: number } | undefined
  readonly stats: VehicleStats
  /** Sends what waits, hears for a moment what becomes of urgent reports, and leaves; `done` once the node has agreed. */
  close(done: () => void): void
  /** Gives up a link whose node does not agree to the close. */
  abort(): void
}

export function createVehicleCore(options: VehicleCoreOptions): VehicleCore {
  const { clock, timers, random, policy, handlers } = options
  /** Reports are counted since this start; the number outlives links, nodes and tokens. */
  const sdkStart = Math.floor(random() * 2 ** 32)
  const tally = createVehicleTally()
  const acks = createDeliveryAcks()
  const clockOffset = createClockOffset()
  let cancelWake: (() => void) | undefined
  let wakesAtMs = Number.POSITIVE_INFINITY
  let isClosed = false
  /** The primary node is to hear anew what is held: the link that is being left brought something after the hello. */
  let isHelloDue = false
  /** While a close waits for what becomes of urgent reports: goes on with it. */
  let leave: (() => void) | undefined

  const reports = createReports({
    random,
    vehicleLengthDm: options.vehicleLengthDm,
    role: options.role,
    givenUp: samples => tally.samplesGivenUp(samples),
    sent: (number, isUrgent, isRepeat) => tell({ event: 'report_sent', number, isUrgent, isRepeat }),
    telemetryDecided: (number, outcome) => tell({ event: 'report_decided', number, isUrgent: false, outcome }),
    urgentDecided: (number, outcome) => {
      tell({ event: 'report_decided', number, isUrgent: true, outcome })
      handlers.urgentDecided(number, outcome)
      if (reports.urgentOpen === 0) leave?.()
    },
  })

  const alerts = createAlertStore({
    acks,
    wallMs: () => clock.wallMs(),
    queueMax: options.queueMax,
    takesPartInExercises: options.takesPartInExercises,
    standIn: policy.standIn,
    dropped: (entry, reason) => tell({ event: 'alert_dropped', id: entry.key, revision: entry.revision, reason }),
  })

  const presenter = createPresenter({
    policy,
    alerts,
    situation: () => ({ at: reports.lastPosition, speedMps: reports.lastPosition?.speedMps }),
    told: ({ hazard: { entry }, why, isAudible }) => tell({ event: 'alert_told', id: entry.key, revision: entry.revision, why, isAudible }),
  })

  const intake = createAlertIntake({ alerts, acks, clock, nodeTimeMs, event: tell })

  const connection = createConnection({
    url: options.url,
    clock,
    random,
    openSocket: (request, { opened, message, closed }) =>
      options.openSocket(request, { opened: whenCalled(opened), message: whenCalled(message), closed: whenCalled(closed) }),
    obtainToken: (reason, done) => options.obtainToken(reason, whenCalled(done)),
    canRenewToken: options.canRenewToken,
    locate: (url, at, done) => options.locate(url, at, whenCalled(done)),
    position: () => reports.lastPosition,
    hello,
    nodeTimeMs,
    handlers: {
      up,
      introduce: link => reports.introduce(clock.monotonicMs(), link),
      down,
      leaving,
      left: reports.left,
      frame,
      exchanged: clockOffset.add,
      event: tell,
      over: error => {
        isClosed = true
        cancelWake?.()
        reports.close()
        handlers.over(error)
      },
    },
  })

  function tell(event: VehicleEventBody): void {
    tally.count(event)
    handlers.event({ ...event, atMs: clock.monotonicMs() } as VehicleEvent)
  }

  /** Whatever comes from outside may bring something that is due before the wake-up that is armed. */
  function whenCalled<Args extends readonly unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      run(...args)
      arm()
    }
  }

  function work(): void {
    wakesAtMs = Number.POSITIVE_INFINITY
    const nowMs = clock.monotonicMs()
    connection.work(nowMs)
    alerts.expire(nowMs)
    reports.work(nowMs, connection.primary)
    sendHello(connection.primary)
    sendAcks(connection.primary)
    handlers.waiting()
    arm()
  }

  function dueAtMs(nowMs: number): number {
    const link = connection.primary
    const acksAtMs = link !== undefined && (isHelloDue || !acks.isEmpty) ? nowMs : Number.POSITIVE_INFINITY
    return Math.min(connection.dueAtMs, alerts.expiresAtMs, reports.dueAtMs(nowMs, link), acksAtMs, presenter.dueAtMs(nowMs))
  }

  /** A wake-up that has become too early stays: it costs one look, moving it would cost a timer per frame. */
  function arm(): void {
    if (isClosed) return
    const nowMs = clock.monotonicMs()
    const atMs = Math.max(nowMs, dueAtMs(nowMs))
    if (atMs >= wakesAtMs) return
    cancelWake?.()
    wakesAtMs = atMs
    // Rounded up: platforms cut fractions of delays off, and would wake us just before the time.
    cancelWake = timers.set(Math.min(delayMsMax, Math.ceil(atMs - nowMs)), work)
  }

  function sendAcks(link: Link | undefined): void {
    if (link !== undefined) acks.send(clock.monotonicMs(), entries => link.send('deliveryAck', { entries }))
  }

  /** One hello for all that a turn brought. */
  function sendHello(link: Link | undefined): void {
    if (link === undefined || !isHelloDue) return
    isHelloDue = false
    link.send('hello', hello(LinkRole.LINK_ROLE_PRIMARY))
  }

  function nodeTimeMs(): number {
    const lead = clockOffset.nodeLessMonotonicMs
    return lead === undefined ? clock.wallMs() : clock.monotonicMs() + lead
  }

  function hello(role: wire.v1.LinkRole): FrameContent<'hello'> {
    alerts.expire(clock.monotonicMs())
    const at = reports.lastPosition
    return {
      sdkStart,
      role,
      sdkName,
      sdkVersion,
      vehicleTimeMs: clock.wallMs(),
      held: alerts.held().map(({ id, revision }) => ({ alertId: id, revision })),
      ...(at === undefined ? {} : { lastPosition: { position: wirePosition(at), timeMs: at.timeMs } }),
    }
  }

  function up(link: Link, welcome: wire.v1.Welcome): void {
    const nowMs = clock.monotonicMs()
    reports.linkUp(welcome.limits ?? {}, nowMs)
    if (welcome.intervalMs > 0) reports.setInterval(welcome.intervalMs)
    reports.work(nowMs, link)
    sendAcks(link)
    handlers.connected()
  }

  function down(): void {
    reports.linkDown()
    acks.linkBroke(clock.monotonicMs())
    clockOffset.reset()
    leave?.()
  }

  function leaving(): void {
    reports.leaving()
    clockOffset.reset()
  }

  function frame(decoded: DecodedFrame, link: Link, role: 'primary' | 'standby' | 'leaving'): void {
    if (decoded.type === 'alert') {
      // Who sent an alert is to hear that it came.
      if (role === 'leaving') sendAcks(connection.primary)
      const isNews = intake.pushed(decoded.message)
      if (role === 'leaving') {
        sendAcks(link)
        // The hello to the new node did not name it, so it would never tell that it no longer concerns the vehicle.
        isHelloDue ||= isNews
      }
      handlers.waiting()
    } else if (decoded.type === 'end') {
      intake.ended(decoded.message, link.welcome?.node, role === 'primary')
      handlers.waiting()
    } else if (decoded.type === 'error') told(decoded.message)
    else if (decoded.type === 'reportAck' && role !== 'standby') reports.acknowledged(decoded.message, role)
    else if (role === 'primary') steered(decoded)
  }

  function steered(decoded: DecodedFrame): void {
    if (decoded.type === 'drain') connection.drain(decoded.message)
    else if (decoded.type === 'interval') {
      reports.setInterval(decoded.message.intervalMs)
      tell({ event: 'interval_changed', intervalMs: reports.intervalMs })
    }
  }

  function told({ code, field, message }: wire.v1.Error): void {
    tell({ event: 'error_received', code, field, message })
  }

  return {
    start: whenCalled(connection.start),
    report(sample) {
      const nowMs = clock.monotonicMs()
      const number = reports.add(sample, clock.wallMs(), nowMs)
      tally.sampled()
      reports.work(nowMs, connection.primary)
      presenter.moved(nowMs)
      connection.positioned(nowMs)
      handlers.waiting()
      arm()
      return number
    },
    takeAlert() {
      const nowMs = clock.monotonicMs()
      alerts.expire(nowMs)
      const handle = presenter.next(nowMs)
      arm()
      return handle
    },
    takeQuestion: presenter.takeQuestion,
    takeEnd: alerts.takeEnd,
    shown(handle) {
      if (alerts.shown(handle)) tally.showed()
      arm()
    },
    active: () => {
      const told = alerts.hazards().filter(({ toldPriority, entry }) => toldPriority !== undefined && entry.phase === 'taken')
      return told.sort((a, b) => compareUrgency(a.entry, b.entry))
    },
    get isConnected() {
      return connection.primary !== undefined
    },
    get lastFailure() {
      return connection.lastFailure
    },
    get lastPosition() {
      return reports.lastPosition
    },
    get intervalMs() {
      return reports.intervalMs
    },
    get clockOffset() {
      const { errorMs } = clockOffset
      return errorMs === undefined ? undefined : { offsetMs: nodeTimeMs() - clock.wallMs(), errorMs }
    },
    get stats() {
      return tally.stats
    },
    close(done) {
      if (isClosed) return done()
      isClosed = true
      const link = connection.primary
      if (link !== undefined) {
        reports.flush(clock.monotonicMs(), link)
        sendAcks(link)
      }
      cancelWake?.()
      const cancel = timers.set(urgentCloseMs, () => leave?.())
      leave = () => {
        leave = undefined
        cancel()
        reports.close()
        connection.close(done)
      }
      if (link === undefined || reports.urgentOpen === 0) leave()
    },
    abort: connection.abort,
  }
}

function wirePosition({ latitude, longitude }: { readonly latitude: number; readonly longitude: number }): wire.v1.Position.$Properties {
  return { latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) }
}
