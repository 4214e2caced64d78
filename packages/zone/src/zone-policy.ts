import { ZoneError, zoneErrorCodes } from './zone-error.js'

/** Every limit and interval of a zone: start value, allowed range, why. Units stand last in the names. */
const settings = {
  /** Vehicles remembered at once, connected or gone for less than `resumeMs`: at about 3 KiB each, 60 MiB. When full, those gone longest make room, then newcomers are refused (close code full). */
  vehiclesMax: [20_000, 1, 1_000_000],
  /** Alerts at once: an alert every 5 s kept for 24 h. */
  alertsMax: [16_384, 16, 1_048_576],
  /** Hazards at once, public or not; see detection's hazard table. */
  hazardsMax: [4_096, 16, 65_536],
  /** Alerts waiting for one vehicle; delivery drops the least urgent. */
  outboxMax: [16, 1, 64],

  /** Report interval near a hazard, elsewhere, and for who has stood a while with nothing near. The wire allows 100 to 5,000. */
  intervalNearMs: [500, 100, 5_000],
  intervalMs: [1_000, 100, 5_000],
  intervalStandingMs: [5_000, 100, 5_000],
  /** Standing for so long makes the long interval. */
  standingAfterMs: [30_000, 1_000, 600_000],
  /** A vehicle is asked for another interval at most so often, so that a border does not make it flutter. */
  intervalHoldMs: [2_000, 0, 60_000],

  /** Ten reports a second, the shortest interval, and a fifth for jitter. */
  telemetryPerMinute: [720, 6, 60_000],
  /** Two a second for a minute: a crash with all its flags and repeats is fewer than twenty. */
  urgentPerMinute: [120, 6, 6_000],
  /** Acknowledgements of alerts this node does not know, each a record: two stages of the 64 alerts a vehicle holds at most, after a crash. */
  recoveredPerMinute: [128, 1, 6_000],
  /** Frames that cannot be read before the session is closed: one in a thousand of a broken SDK is found within hours, a hostile one at once. */
  malformedMax: [10, 1, 1_000],
  /** Distrust (0.5 to 1.5 per implausible sample, 3 % forgotten per plausible one) at which the session is closed. */
  distrustCloseMax: [50, 5, 1_000],
  helloWithinMs: [10_000, 1_000, 60_000],

  /** What a cell's road is like is recorded so often, while somebody drives there. */
  conditionMs: [60_000, 1_000, 3_600_000],
  /** And of so many cells at one tick, some 10 µs each: at two ticks a second 7,680 a minute, of 4,096 there are at most. */
  conditionsPerTick: [64, 1, 4_096],

  /** Telemetry is acknowledged at least so often while there is any (design, invariant 2). */
  acknowledgeMs: [10_000, 100, 60_000],
  /** A reader is stalled when its oldest alert was not received for so long (design, 6). */
  stalledMs: [5_000, 1_000, 60_000],
  /** An alert that a vehicle brings and this node has not heard of: peers and region say within a second or two what they have, their digests every five. */
  unheardMs: [6_000, 0, 60_000],
  /** After a crash: another node's alert that nobody has confirmed for so long is over for this node. Peers and region say what they have within seconds. */
  recoveredMs: [60_000, 1_000, 86_400_000],
  /** A vehicle that is gone is remembered for so long: twice the 60 s for which urgent reports are sent again. */
  resumeMs: [120_000, 1_000, 3_600_000],
  /** Messages of one flush: at 3 µs each 3 ms, so that a fan-out to a whole city leaves room for what is more urgent. */
  flushSends: [1_000, 1, 100_000],
  /** Candidates of alerts looked at in one turn, each with its record at some 5 µs: 5 ms. What has fewer is matched at once. */
  matchRows: [1_000, 1, 1_000_000],

  /** A vehicle is silent after so many of its asked intervals, and not targeted after three and at least 10 s (evaluation.md). */
  silentIntervals: [1.5, 1, 3],
  targetedIntervals: [3, 1, 20],
  targetedMsMin: [10_000, 1_000, 60_000],
  /** Drivers change speed by up to 2 m/s2 as a matter of course: half of it times the square of the silence is what an extrapolation may be off. */
  silentMps2: [2, 0, 10],
  /** 10 s at 2 m/s2; more is no position. */
  silentUncertaintyMMax: [100, 0, 1_000],

  /** A vehicle is no longer concerned only when it is out by so much: 10 m of jitter and 10 degrees of weaving at a border cause nothing. */
  withdrawM: [30, 0, 500],
  withdrawDeg: [20, 0, 90],
} as const satisfies Record<string, readonly [start: number, min: number, max: number]>

export type ZonePolicy = { readonly [Name in keyof typeof settings]: number }

/**
 * A complete, frozen policy from a partial one.
 * @throws ZoneError `policy_invalid`, naming the value and what is allowed
 */
export function createZonePolicy(given: Partial<ZonePolicy> = {}): ZonePolicy {
  for (const name of Object.keys(given)) {
    if (!(name in settings)) throw new ZoneError(zoneErrorCodes.policyInvalid, `${name} is no setting of a zone`)
  }
  const policy: Record<string, number> = {}
  for (const [name, [start, min, max]] of Object.entries(settings)) {
    const value = given[name as keyof ZonePolicy] ?? start
    if (!(value >= min && value <= max)) {
      throw new ZoneError(zoneErrorCodes.policyInvalid, `${name} is ${value}; must be a number from ${min} to ${max}`)
    }
    policy[name] = value
  }
  return Object.freeze(policy) as ZonePolicy
}
