import type { VehicleIdentity } from '@outrider/identity'
import type { RecordHead } from './record-writer.js'
import { ReportNumbers } from './report-numbers.js'
import type { ZonePolicy } from './zone-policy.js'

/** What may be sent per minute is a bucket that fills evenly; it holds ten seconds' worth, so that a reconnect may catch up. */
const burstShare = 1 / 6

/** A vehicle that is connected, or was less than `resumeMs` ago. Its motion is a row of the track table, its alerts are delivery's. */
export class Session {
  readonly row: number
  /** As of the newest connection. */
  vehicle: VehicleIdentity
  json = false
  /** Counts connections, names the session together with the row. */
  connection = 0
  connected = false
  /** True once a valid hello came on this connection. */
  greeted = false
  primary = true
  openedAtMs = 0
  /** True if its last socket was closed because it did not acknowledge. */
  stalled = false
  /** Since it said on this connection that another node is its primary one: which, if that is known, and when. */
  moved: { readonly to: string | undefined; readonly atMs: number } | undefined
  /** When the socket went, monotonic ms. */
  goneAtMs = 0
  /** SDK start of the newest hello; -1 = none yet. */
  sdkStart = -1
  numbers = new ReportNumbers()
  head: RecordHead | undefined
  malformed = 0
  /** Interval the vehicle was told last, and when; 0 = none. */
  toldIntervalMs = 0
  toldIntervalAtMs = Number.NEGATIVE_INFINITY
  acknowledgedAtMs = 0
  /** True if an urgent report waits for its fsync: the acknowledgement goes out at once. */
  urgentWaits = false
  readonly telemetry: Bucket
  readonly urgent: Bucket
  /** Acknowledgements of alerts that this node does not know. */
  readonly recovered: Bucket

  constructor(row: number, vehicle: VehicleIdentity, policy: ZonePolicy) {
    this.row = row
    this.vehicle = vehicle
    this.telemetry = createBucket(policy.telemetryPerMinute, burstShare)
    this.urgent = createBucket(policy.urgentPerMinute, burstShare)
    // They come together, after a crash.
    this.recovered = createBucket(policy.recoveredPerMinute, 1)
  }
}

function createBucket(perMinute: number, burst: number): Bucket {
  const max = perMinute * burst
  return { perMs: perMinute / 60_000, max, tokens: max, atMs: 0 }
}

interface Bucket {
  readonly perMs: number
  readonly max: number
  tokens: number
  atMs: number
}

/** Takes one from a bucket; false if it is empty. */
export function takeToken(bucket: Bucket, nowMs: number): boolean {
  bucket.tokens = Math.min(bucket.max, bucket.tokens + (nowMs - bucket.atMs) * bucket.perMs)
  bucket.atMs = nowMs
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}
