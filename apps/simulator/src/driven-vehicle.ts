// One vehicle of a run: who it is, the node its position belongs to, its SDK, and a driver who is shown every alert at once.
import type { VehicleRole } from '@outrider/identity'
import type { outrider } from '@outrider/protocol'
import { type Alert, connect, locateNode, SdkError, type Vehicle, type VehicleEvent } from '@outrider/sdk'
import type { TrafficSample } from '@outrider/traffic'
import type { VehicleFrames } from './frame-turns.js'
import { createLinkTap } from './link-tap.js'
import { toVehicleSample, vehicleLengthMMax } from './sdk-sample.js'
import type { VehicleTokens } from './vehicle-tokens.js'

export interface DrivenVehicleOptions {
  /** Who it is to the token issuer. */
  readonly enrolment: string
  /** URL of any node. */
  readonly url: string
  readonly tokens: VehicleTokens
  readonly frames: VehicleFrames
  /** Where it begins, and what it is. */
  readonly first: TrafficSample
  readonly handlers: DrivenVehicleHandlers
}

interface DrivenVehicleHandlers {
  /** Inside the SDK, `atMs` on its monotonic clock (performance.now). */
  event(event: VehicleEvent): void
  /** A new hazard, just before it is shown. */
  alert(alert: Alert): void
  alertEnded(alert: Alert, reason: string): void
  /** A revision was acknowledged as taken. */
  taken(key: string, revision: number): void
  /** A value, or with `sample` all of it, has no place on the wire. */
  leftOut(field: string): void
  /** It cannot connect (it tries again if `retriable`), or its link ended for good. */
  failed(error: SdkError): void
}

export interface DrivenVehicle {
  readonly isConnected: boolean
  /** Name of the node it is connected to; of the last one while it is not. */
  readonly node: string | undefined
  /** Report interval the zone asks for, ms; undefined before the first welcome. */
  readonly intervalMs: number | undefined
  /** The node's clock less this machine's, ms; undefined before the first exchange. */
  readonly clockOffsetMs: number | undefined
  /** Alerts the driver was shown and that are not over. */
  readonly alertsHeld: number
  /** False if there is no SDK to take it yet, or no more. @param timeMs wall clock, ms */
  report(sample: TrafficSample, timeMs: number): boolean
  /** Asks the node to acknowledge what is durable. */
  askAcknowledgement(): void
  /** Sends what waits and closes; at most a second. */
  close(): Promise<void>
}

/** One attempt of the SDK; after it the position may belong to another node. */
const connectTimeoutMs = 30_000

export function createDrivenVehicle({ enrolment, url, tokens, frames, first, handlers }: DrivenVehicleOptions): DrivenVehicle {
  const aborted = new AbortController()
  const role: VehicleRole = first.role === undefined || first.role === 'uvar' ? 'default' : first.role
  let sdk: Vehicle | undefined
  let node: string | undefined
  let latest = first
  const held = new Set<Alert>()

  const tap = createLinkTap(
    frames.openSocket,
    {
      welcomed(welcome: outrider.v1.Welcome) {
        node = welcome.node
      },
      taken: handlers.taken,
    },
    Date.now,
  )

  async function keepTrying(): Promise<void> {
    while (!aborted.signal.aborted && sdk === undefined) {
      try {
        sdk = await connectNow()
      } catch (error) {
        if (aborted.signal.aborted) return
        const failure = error as SdkError
        handlers.failed(failure)
        if (!failure.retriable) return
      }
    }
    if (sdk !== undefined) void Promise.all([showAlerts(sdk), followEnds(sdk)])
  }

  async function connectNow(): Promise<Vehicle> {
    const owner = await locateNode(fetch, url, { latitude: latest.lat, longitude: latest.lon })
    return connect({
      url: owner ?? url,
      token: () => tokens.issue(enrolment, role),
      vehicleLengthM: latest.lengthM !== undefined && latest.lengthM <= vehicleLengthMMax ? latest.lengthM : undefined,
      vehicleRole: latest.role,
      connectTimeoutMs,
      // What the node tells is measured, not what a driver should hear of it.
      presentation: false,
      signal: aborted.signal,
      onEvent: handlers.event,
      platform: { openSocket: tap.openSocket, clock: frames.clock },
    })
  }

  async function showAlerts(vehicle: Vehicle): Promise<void> {
    try {
      for await (const alert of vehicle.alerts()) {
        held.add(alert)
        // After the frames that are there to be read: what drivers do must not hold up other vehicles' alerts in this one process.
        setImmediate(show, alert)
      }
    } catch (error) {
      handlers.failed(error as SdkError)
    }
  }

  function show(alert: Alert): void {
    handlers.alert(alert)
    alert.shown()
  }

  async function followEnds(vehicle: Vehicle): Promise<void> {
    try {
      for await (const { alert, reason } of vehicle.ends()) {
        // It may have come back meanwhile.
        if (!alert.isActive && held.delete(alert)) handlers.alertEnded(alert, reason)
      }
    } catch (error) {
      // The other loop tells of it.
      if (!(error instanceof SdkError)) throw error
    }
  }

  void keepTrying()
  return {
    get isConnected() {
      return sdk?.isConnected ?? false
    },
    get node() {
      return node
    },
    get intervalMs() {
      return sdk?.intervalMs
    },
    get clockOffsetMs() {
      return sdk?.clockOffset?.offsetMs
    },
    get alertsHeld() {
      return held.size
    },
    report(sample, timeMs) {
      latest = sample
      if (sdk === undefined || aborted.signal.aborted) return false
      try {
        sdk.report(toVehicleSample(sample, timeMs, handlers.leftOut))
      } catch (error) {
        if (!(error instanceof SdkError)) throw error
        if (error.code === 'out_of_range') handlers.leftOut('sample')
        return false
      }
      return true
    },
    askAcknowledgement: tap.askAcknowledgement,
    async close() {
      const vehicle = sdk
      aborted.abort()
      await vehicle?.close()
    },
  }
}
