// Reports from sample to acknowledgement. Telemetry is batched, sent once and never again; an urgent report takes the batch along (so
// that samples stay in order of time), goes out at once and again until its node has decided on it.
import type { FrameName, outrider as wire } from '@outrider/protocol'
import { encodeFrame, samplesMax } from '@outrider/protocol'
import type { RateLimit } from './rate-limit.js'
import { createRateLimit } from './rate-limit.js'
import type { ReportDecision } from './report-decision.js'
import { decideReport } from './report-decision.js'
import { SdkError } from './sdk-error.js'
import { createTelemetryBatch } from './telemetry-batch.js'
import type { UrgentOutcome } from './urgent-queue.js'
import { createUrgentQueue, urgentsMax } from './urgent-queue.js'
import type { ReportOutcome } from './vehicle-events.js'
import type { VehicleSample } from './vehicle-sample.js'
import type { WireSample } from './wire-sample.js'
import { toWireSample } from './wire-sample.js'

/**
 * An event flag that was on within this time has not come on again: brakes that regulate ten times a second are one event. Eleven event
 * flags make at most 330 urgent reports a minute, and the rate limit makes that what the node allows.
 */
const eventQuietMs = 2_000
/** Telemetry waits while this much is not yet on the network: a stalled link gets no more than sixteen full frames behind. */
const bufferedBytesMax = 65_536
/** Telemetry whose acknowledgement is awaited: ten frames a second, acknowledged every 10 s, times ten. The oldest is given up. */
const awaitedMax = 1_024
/** A sample older than this does not say where the vehicle is. */
const introduceMsMax = 10_000
/** Until a welcome says otherwise; nothing is sent before one. */
const intervalMsDefault = 1_000

export interface ReportsOptions {
  readonly random: () => number
  /** In 0.1 m; undefined = unknown. */
  readonly vehicleLengthDm: number | undefined
  readonly role: wire.v1.VehicleRole
  readonly telemetryDecided: (number: number, outcome: ReportOutcome) => void
  readonly urgentDecided: (number: number, outcome: UrgentOutcome) => void
  readonly sent: (number: number, isUrgent: boolean, isRepeat: boolean) => void
  /** Samples given up: thinned for the interval, or too old to send. */
  readonly givenUp: (samples: number) => void
}

/** Where the vehicle was last, and how fast if it said so. */
interface LastPosition {
  readonly latitude: number
  readonly longitude: number
  readonly timeMs: number
  readonly speedMps: number | undefined
}

/** What reports need of the link that is up. */
interface ReportLink {
  write(frame: Uint8Array): void
  readonly bufferedBytes: number
}

export interface Reports {
  /**
   * Takes a sample; the number of the report if it is urgent. Send afterwards.
   * @throws SdkError `out_of_range`, `queue_full`
   */
  add(sample: VehicleSample, wallMs: number, nowMs: number): number | undefined
  linkUp(limits: wire.v1.SessionLimits.$Properties, nowMs: number): void
  linkDown(): void
  /** Another link takes the place of the one that is up; what the old one still says counts until `left`. */
  leaving(): void
  left(): void
  /**
   * Tells a node that is standby where the vehicle is, with the last sample, so that alerts find it as soon as it is primary. The node
   * tracks it and does not record it: its number is refused as `standby`.
   */
  introduce(nowMs: number, link: ReportLink): void
  /** How often telemetry goes out, in ms; kept within 100..5000. */
  setInterval(intervalMs: number): void
  acknowledged(ack: wire.v1.ReportAck, from: 'primary' | 'leaving'): void
  /** Sends what is due; without a link only gives up what is too old. */
  work(nowMs: number, link: ReportLink | undefined): void
  /** When `work` has something to do. */
  dueAtMs(nowMs: number, link: ReportLink | undefined): number
  /** Sends the batch now, whatever the interval. */
  flush(nowMs: number, link: ReportLink): void
  /** Decides what is open as closed. */
  close(): void
  /** Urgent reports that are neither accepted nor refused. */
  readonly urgentOpen: number
  readonly intervalMs: number
  readonly lastPosition: LastPosition | undefined
}

export function createReports(options: ReportsOptions): Reports {
  const { telemetryDecided, urgentDecided, sent } = options
  const batch = createTelemetryBatch()
  const urgent = createUrgentQueue({ random: options.random, decided: urgentDecided })
  /** Telemetry of the link that is up. */
  let awaited = new Set<number>()
  /** Telemetry of the link that is being left. */
  let awaitedOfLeft = new Set<number>()
  /** Number of the report that went to a link before it became primary. */
  let introduced: number | undefined
  let lastSample: { readonly sample: WireSample; readonly addedAtMs: number } | undefined
  let urgentLimit: RateLimit = createRateLimit(0)
  let telemetryLimit: RateLimit = createRateLimit(0)
  let perReport = samplesMax
  let intervalMs = intervalMsDefault
  let lastTelemetryAtMs = Number.NEGATIVE_INFINITY
  let lastNumber = 0
  let lastPosition: LastPosition | undefined
  /** When each event flag was last seen on, by its bit. */
  const eventSeenAtMs = new Map<number, number>()

  function encodeReport(type: FrameName & ('telemetry' | 'urgent'), number: number, samples: readonly WireSample[]): Uint8Array {
    const timeMs = samples[0]!.timeMs
    return encodeFrame(type, {
      number,
      timeMs,
      samples: samples.map(entry => ({ ...entry.sample, timeOffsetMs: Math.round(entry.timeMs - timeMs) })),
      verdicts: samples.flatMap(entry => [...entry.verdicts]),
      role: options.role,
      ...(options.vehicleLengthDm === undefined ? {} : { vehicleLengthDm: options.vehicleLengthDm }),
    })
  }

  /** Bits of event flags that have come on with this sample. */
  function comeOn(events: number, nowMs: number): number {
    let bits = 0
    for (let bit = 1; bit <= events && bit > 0; bit <<= 1) {
      if ((events & bit) !== 0 && nowMs - (eventSeenAtMs.get(bit) ?? Number.NEGATIVE_INFINITY) > eventQuietMs) bits |= bit
    }
    return bits
  }

  function see(events: number, nowMs: number): void {
    for (let bit = 1; bit <= events && bit > 0; bit <<= 1) if ((events & bit) !== 0) eventSeenAtMs.set(bit, nowMs)
  }

  function addUrgent(newest: WireSample, nowMs: number): number {
    const { samples, givenUp } = batch.take(nowMs)
    const inReach = samples.filter(entry => Math.abs(newest.timeMs - entry.timeMs) <= 10_000)
    const all = [...inReach.slice(Math.max(0, inReach.length - perReport + 1)), newest].sort((a, b) => a.timeMs - b.timeMs)
    options.givenUp(givenUp + samples.length + 1 - all.length)
    const number = ++lastNumber
    urgent.add(number, encodeReport('urgent', number, all), nowMs)
    return number
  }

  function sendTelemetry(nowMs: number, link: ReportLink): void {
    const { samples, givenUp } = batch.take(nowMs)
    options.givenUp(givenUp)
    if (samples.length === 0) return
    const number = ++lastNumber
    link.write(encodeReport('telemetry', number, samples))
    lastTelemetryAtMs = nowMs
    awaited.add(number)
    sent(number, false, false)
    if (awaited.size > awaitedMax) giveUpAwaited(awaited.values().next().value!)
  }

  function giveUpAwaited(number: number): void {
    awaited.delete(number)
    telemetryDecided(number, { kind: 'unacknowledged' })
  }

  function giveUpLeft(): void {
    for (const number of awaitedOfLeft) telemetryDecided(number, { kind: 'unacknowledged' })
    awaitedOfLeft = new Set()
  }

  function decideTelemetry(ack: wire.v1.ReportAck, numbers: Set<number>): void {
    for (const number of [...numbers]) {
      const decision: ReportDecision | undefined = decideReport(ack, number)
      if (decision === undefined) continue
      numbers.delete(number)
      telemetryDecided(number, decision)
    }
  }

  function telemetryDueAtMs(nowMs: number, link: ReportLink): number {
    if (batch.size === 0) return Number.POSITIVE_INFINITY
    const dueAtMs = Math.max(lastTelemetryAtMs + intervalMs, telemetryLimit.availableAtMs(nowMs))
    // No platform tells when a socket has drained: look again in one interval.
    return link.bufferedBytes > bufferedBytesMax ? Math.max(dueAtMs, nowMs + intervalMs) : dueAtMs
  }

  return {
    get intervalMs() {
      return intervalMs
    },
    get lastPosition() {
      return lastPosition
    },
    get urgentOpen() {
      return urgent.size
    },
    add(given, wallMs, nowMs) {
      const sample = toWireSample(given, wallMs)
      const isUrgent = sample.isStatement || comeOn(sample.events, nowMs) !== 0
      if (urgent.isFull && sample.isStatement) {
        throw new SdkError('queue_full', `${urgentsMax} urgent reports wait for their acknowledgement; report it again later`)
      }
      if (given.latitude != null && given.longitude != null && sample.sample.latitudeE7 != null) {
        lastSample = { sample, addedAtMs: nowMs }
        lastPosition = {
          latitude: given.latitude,
          longitude: given.longitude,
          timeMs: sample.timeMs,
          speedMps: given.speedMps ?? undefined,
        }
      }
      // With a full queue a flag travels in telemetry, and is urgent with the next sample if there is room by then.
      if (!isUrgent || urgent.isFull) {
        if (!isUrgent) see(sample.events, nowMs)
        options.givenUp(batch.add(sample, nowMs, (0.9 * intervalMs) / perReport, perReport))
        return undefined
      }
      see(sample.events, nowMs)
      return addUrgent(sample, nowMs)
    },
    linkUp(limits, nowMs) {
      perReport = Math.min(samplesMax, limits.samplesPerReport || samplesMax)
      urgentLimit = createRateLimit(limits.urgentPerMinute ?? 0)
      telemetryLimit = createRateLimit(limits.telemetryPerMinute ?? 0)
      urgent.linkUp(nowMs)
      // A node that has just got the vehicle is to hear of it at once.
      lastTelemetryAtMs = Number.NEGATIVE_INFINITY
      if (introduced !== undefined) awaited.add(introduced)
      introduced = undefined
    },
    leaving() {
      giveUpLeft()
      awaitedOfLeft = awaited
      awaited = new Set()
      urgent.leaving()
    },
    left() {
      giveUpLeft()
      urgent.left()
    },
    introduce(nowMs, link) {
      if (lastSample === undefined || nowMs - lastSample.addedAtMs > introduceMsMax) return
      const { sample } = lastSample
      introduced = ++lastNumber
      link.write(encodeReport('telemetry', introduced, [{ ...sample, sample: { ...sample.sample, observations: [] }, verdicts: [] }]))
      sent(introduced, false, false)
    },
    linkDown() {
      for (const number of [...awaited]) giveUpAwaited(number)
      awaited = new Set()
    },
    setInterval(asked) {
      intervalMs = Math.max(100, Math.min(5_000, asked))
    },
    acknowledged(ack, from) {
      urgent.acknowledged(ack, from)
      decideTelemetry(ack, from === 'primary' ? awaited : awaitedOfLeft)
    },
    work(nowMs, link) {
      urgent.expire(nowMs)
      if (link === undefined) return
      urgent.send(nowMs, urgentLimit, (number, frame, isRepeat) => {
        link.write(frame)
        sent(number, true, isRepeat)
      })
      if (telemetryDueAtMs(nowMs, link) <= nowMs && telemetryLimit.take(nowMs)) sendTelemetry(nowMs, link)
    },
    dueAtMs(nowMs, link) {
      const urgentAtMs = urgent.dueAtMs(nowMs, link === undefined ? undefined : urgentLimit)
      return link === undefined ? urgentAtMs : Math.min(urgentAtMs, telemetryDueAtMs(nowMs, link))
    },
    flush(nowMs, link) {
      if (batch.size > 0 && telemetryLimit.take(nowMs)) sendTelemetry(nowMs, link)
    },
    close() {
      for (const number of [...awaited]) giveUpAwaited(number)
      giveUpLeft()
      urgent.close()
    },
  }
}
