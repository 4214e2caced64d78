import type { Alert, EndedAlertNotice } from './alert.js'
import { createAlert } from './alert.js'
import type { AlertHandle } from './alert-entry.js'
import type { Coordinates } from './distance.js'
import { createHandOver } from './hand-over.js'
import type { Clock, Timers } from './ports.js'
import { SdkError } from './sdk-error.js'
import type { UrgentOutcome } from './urgent-queue.js'
import type { VehicleCoreHandlers, VehicleCoreOptions } from './vehicle-core.js'
import { createVehicleCore } from './vehicle-core.js'
import type { VehicleEvent, VehicleStats } from './vehicle-events.js'
import type { VehicleSample } from './vehicle-sample.js'

/** How long `close` waits for the node to agree. */
const closeMsMax = 1_000

/** An urgent report on its way. */
export interface UrgentReport {
  /** Counted since this SDK started, telemetry included. */
  readonly number: number
  /** What becomes of it; never rejects. `expired`: neither accepted nor refused within 60 s. */
  readonly outcome: Promise<UrgentOutcome>
}

/** A vehicle that is, or tries to be, connected to its zone. */
export interface Vehicle {
  /**
   * Takes a sample. Telemetry is batched as the zone asks; a sample with an event flag that comes on, an observation or a verdict goes
   * out at once and again until it is accepted or refused. While there is no link telemetry of the last seconds is kept, urgent reports
   * for a minute.
   * @returns the urgent report, if it is one
   * @throws SdkError `out_of_range` (`field` names the value; nothing was sent), `queue_full`, or what ended the vehicle (`closed`, …)
   */
  report(sample: VehicleSample): UrgentReport | undefined
  /**
   * What the driver is to be told now, the most urgent first, each hazard handed to one consumer and once ever, as the presentation policy
   * says (`ConnectOptions.presentation`). Later revisions change the object silently, unless the priority rises: then it is handed over
   * again. Asking for the next one acknowledges what has come as taken. Ends after `close`; throws the SdkError that ended the vehicle.
   */
  alerts(): AsyncIterable<Alert>
  /** Ends of alerts that were handed over: expired, resolved, no longer concerning this vehicle. Ends as `alerts()` does. */
  ends(): AsyncIterable<EndedAlertNotice>
  /**
   * Alerts that were shown and whose hazard was passed: the driver may be asked, and `answer` tells. One in ten minutes at most; one that
   * is not taken gives way to the next. Ends as `alerts()` does.
   */
  questions(): AsyncIterable<Alert>
  /** Alerts handed over and still active, the most urgent first. */
  active(): readonly Alert[]
  readonly isConnected: boolean
  /** Report interval that the zone asks for, in ms. */
  readonly intervalMs: number
  /** Node's clock less this vehicle's, right within `errorMs`; undefined before the first exchange. */
  readonly clockOffset: { readonly offsetMs: number; readonly errorMs: number } | undefined
  readonly stats: VehicleStats
  /**
   * Sends what waits (a batch, acknowledgements), waits half a second at most for the node's word on urgent reports, closes the link with
   * code 1000 and ends the iterables. Idempotent, at most 1 s.
   */
  close(): Promise<void>
}

export interface VehicleOptions extends Omit<VehicleCoreOptions, 'handlers'> {
  readonly clock: Clock
  readonly timers: Timers
  readonly onEvent: ((event: VehicleEvent) => void) | undefined
  /** The first welcome. */
  readonly connected: () => void
  /** The link ended for good. */
  readonly over: (error: SdkError) => void
}

/** The application's side of a core: objects, promises and iterables. `start` begins to connect. */
export function createVehicle(options: VehicleOptions): { readonly vehicle: Vehicle; start(): void; readonly lastFailure: () => string } {
  const objects = new WeakMap<AlertHandle, Alert>()
  const urgent = new Map<number, (outcome: UrgentOutcome) => void>()
  let ending: SdkError | undefined
  let closing: Promise<void> | undefined

  const handlers: VehicleCoreHandlers = {
    connected: options.connected,
    waiting: () => {
      alerts.wake()
      ends.wake()
      questions.wake()
    },
    urgentDecided: (number, outcome) => {
      urgent.get(number)?.(outcome)
      urgent.delete(number)
    },
    over: error => {
      ending = error
      end(error)
      options.over(error)
    },
    event: event => options.onEvent?.(event),
  }
  const core = createVehicleCore({ ...options, handlers })
  const alerts = createHandOver(() => toAlert(core.takeAlert()))
  const ends = createHandOver((): EndedAlertNotice | undefined => {
    const ended = core.takeEnd()
    if (ended === undefined) return undefined
    const { handle, reason, mergedInto, isToBeTold } = ended
    return { alert: toAlert(handle)!, reason, mergedInto, isToBeTold }
  })
  const questions = createHandOver(() => toAlert(core.takeQuestion()))

  function toAlert(handle: AlertHandle | undefined): Alert | undefined {
    if (handle === undefined) return undefined
    const known = objects.get(handle)
    if (known !== undefined) return known
    const alert = createAlert(handle, {
      monotonicMs: () => options.clock.monotonicMs(),
      position: (): Coordinates | undefined => core.lastPosition,
      shown: core.shown,
      answer: (answered, verdict) => void vehicle.report({ verdicts: [{ alert: answered, verdict }] }),
    })
    objects.set(handle, alert)
    return alert
  }

  function end(error?: SdkError): void {
    alerts.end(error)
    ends.end(error)
    questions.end(error)
  }

  const vehicle: Vehicle = {
    report(sample) {
      if (ending !== undefined) throw ending
      const number = core.report(sample)
      if (number === undefined) return undefined
      return { number, outcome: new Promise(resolve => urgent.set(number, resolve)) }
    },
    alerts: () => alerts,
    ends: () => ends,
    questions: () => questions,
    active: () => core.active().map(handle => toAlert(handle)!),
    get isConnected() {
      return core.isConnected
    },
    get intervalMs() {
      return core.intervalMs
    },
    get clockOffset() {
      return core.clockOffset
    },
    get stats() {
      return core.stats
    },
    close() {
      closing ??= new Promise(resolve => {
        ending ??= new SdkError('closed', 'the vehicle was closed; connect a new one to report')
        const cancel = options.timers.set(closeMsMax, () => {
          core.abort()
          resolve()
        })
        core.close(() => {
          cancel()
          resolve()
        })
        end()
      })
      return closing
    },
  }
  return { vehicle, start: core.start, lastFailure: () => core.lastFailure }
}
