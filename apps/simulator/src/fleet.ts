// Many driven vehicles: opened at a rate the nodes allow one address, fed with samples, closed together.
import { type Alert, openPlatformSocket, type VehicleEvent } from '@outrider/sdk'
import type { TrafficSample } from '@outrider/traffic'
import { createDrivenVehicle, type DrivenVehicle } from './driven-vehicle.js'
import type { FleetTally } from './fleet-tally.js'
import { createFrameTurns } from './frame-turns.js'
import { createSentReports, type SentReports } from './sent-reports.js'
import type { VehicleTokens } from './vehicle-tokens.js'

export interface FleetOptions {
  readonly url: string
  readonly tokens: VehicleTokens
  /** What a vehicle is called at the token issuer. */
  readonly enrolmentOf: (first: TrafficSample) => string
  readonly connectsPerSecond: number
  readonly tally: FleetTally
  /** A new hazard at a vehicle, just before it is shown. */
  readonly onAlert: (id: string, alert: Alert, member: FleetMember) => void
  readonly onAlertEnded: (id: string, alert: Alert, reason: string) => void
  /** A vehicle failed to connect, or its link ended for good. */
  readonly onFailure: (code: string, message: string) => void
  /** All that happens in the SDK of a vehicle. */
  readonly onEvent?: (id: string, event: VehicleEvent) => void
  /** A vehicle was given a token, which it presents from now on. */
  readonly onToken?: (id: string, token: string) => void
}

interface FleetMember {
  readonly vehicle: DrivenVehicle
  readonly reports: SentReports
}

export interface Fleet {
  /** Adds a vehicle at its first position; it connects when its turn comes. */
  add(first: TrafficSample): void
  has(id: string): boolean
  get(id: string): FleetMember | undefined
  ids(): IterableIterator<string>
  /** @param timeMs when it was measured, wall clock, ms */
  report(sample: TrafficSample, timeMs: number): void
  /** Closes one vehicle and forgets it. */
  remove(id: string): void
  readonly size: number
  readonly connected: number
  /** Alerts that drivers have been shown and that are not over. */
  readonly alertsHeld: number
  /** Asks all nodes to acknowledge, until nothing is open or the time is over. */
  settle(withinMs: number): Promise<void>
  close(): Promise<void>
}

const settleStepMs = 100
/** A question and its answer. */
const leaveMs = 250

export function createFleet(options: FleetOptions): Fleet {
  const { tally } = options
  const turns = createFrameTurns(openPlatformSocket, { monotonicMs: () => performance.now(), wallMs: () => Date.now() }, setImmediate)
  const members = new Map<string, FleetMember>()
  /** Vehicles whose turn to connect has not come, by id, in order. */
  const waiting = new Map<string, TrafficSample>()
  const closing = new Set<Promise<void>>()
  let opening: NodeJS.Timeout | undefined

  function openNext(): void {
    const next = waiting.entries().next().value
    if (next === undefined) {
      clearInterval(opening)
      opening = undefined
      return
    }
    waiting.delete(next[0])
    open(...next)
  }

  function open(id: string, first: TrafficSample): void {
    const reports = createSentReports()
    const vehicle = createDrivenVehicle({
      enrolment: options.enrolmentOf(first),
      url: options.url,
      tokens: {
        async issue(enrolment, role) {
          const token = await options.tokens.issue(enrolment, role)
          options.onToken?.(id, token)
          return token
        },
      },
      frames: turns.vehicle(),
      first,
      handlers: {
        event(event: VehicleEvent) {
          tally.event(event)
          if (event.event === 'link_moving' && event.why === 'border') tally.count('moves')
          options.onEvent?.(id, event)
          if (event.event === 'report_sent' && !event.isRepeat) reports.wrote(event.isUrgent, event.atMs, vehicle.node)
        },
        alert(alert) {
          options.onAlert(id, alert, { vehicle, reports })
          tally.count('alertsShown')
        },
        alertEnded(alert, reason) {
          tally.countBy('alertsEnded', reason)
          options.onAlertEnded(id, alert, reason)
        },
        taken: () => tally.count('deliveriesAcknowledged'),
        leftOut: field => tally.countBy('valuesLeftOut', field),
        failed(error) {
          tally.countBy('failures', error.code)
          options.onFailure(error.code, error.message)
        },
      },
    })
    members.set(id, { vehicle, reports })
  }

  /** What it sent is acknowledged before it goes: what is open at the close counts as unacknowledged. */
  async function leave(vehicle: DrivenVehicle): Promise<void> {
    vehicle.askAcknowledgement()
    await new Promise(resolve => setTimeout(resolve, leaveMs))
    await vehicle.close()
  }

  return {
    add(first) {
      waiting.set(first.vehicleId, first)
      opening ??= setInterval(openNext, 1_000 / options.connectsPerSecond)
    },
    has: id => members.has(id) || waiting.has(id),
    get: id => members.get(id),
    ids: () => members.keys(),
    report(sample, timeMs) {
      const member = members.get(sample.vehicleId)
      if (member === undefined) {
        if (waiting.has(sample.vehicleId)) waiting.set(sample.vehicleId, sample)
        tally.count('samplesBeforeLink')
        return
      }
      member.reports.handing(sample, timeMs)
      tally.count(member.vehicle.report(sample, timeMs) ? 'samples' : 'samplesBeforeLink')
      member.reports.handed()
    },
    remove(id) {
      const member = members.get(id)
      waiting.delete(id)
      members.delete(id)
      if (member === undefined) return
      const closed = leave(member.vehicle).finally(() => closing.delete(closed))
      closing.add(closed)
    },
    get size() {
      return members.size + waiting.size
    },
    get connected() {
      let connected = 0
      for (const { vehicle } of members.values()) if (vehicle.isConnected) connected++
      return connected
    },
    get alertsHeld() {
      let held = 0
      for (const { vehicle } of members.values()) held += vehicle.alertsHeld
      return held
    },
    async settle(withinMs) {
      const untilMs = performance.now() + withinMs
      while (tally.counts.reportsOpen > 0 && performance.now() < untilMs) {
        for (const { vehicle } of members.values()) vehicle.askAcknowledgement()
        await new Promise(resolve => setTimeout(resolve, settleStepMs))
      }
    },
    async close() {
      clearInterval(opening)
      waiting.clear()
      await Promise.all([...closing, ...[...members.values()].map(({ vehicle }) => vehicle.close())])
    },
  }
}
