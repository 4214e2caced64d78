/*
 * Who was to be warned, who was, and what else a vehicle can hold against a node. It is told what happened at the sockets (samples that were
 * accepted, alerts that began to stand, frames written and read) and judges each by brute force: every standing alert against every sample.
 * It imports nothing of ours and knows no index, no slot and no ledger, so that what it says is a second opinion.
 *
 *   must      concerned with 15 m and 10° to spare in every accepted sample of at least 2 s, while the vehicle could be written to; then
 *             the alert has to be written to it by the sample that completes the 2 s
 *   must not  never concerned while the revision stood, not even with 15 m and 10° added, not even where it was reckoned to be
 *   kept      holds an alert that has not concerned it for 2 s, by more than a node's own hysteresis: it should have been told
 */
import { afterSample, isConcernedTruly, reckoned, type TrueRevision, type TrueSample, type TrueVehicle } from './concerned-truth.js'

const spareM = 15
const spareDeg = 10
const lastsMs = 2_000
/** Hysteresis of a node (docs: 30 m, 20°) and the margin on top of it. */
const keptM = 45
const keptDeg = 30
/** An end is told within a second (issue 5, item 10). */
const endsWithinMs = 1_000
/** Longest silence after which a vehicle is still looked for: three intervals of 5 s, and a tick. */
const soughtMs = 15_500
/** How much longer a revision may stand at a node that heard of it over a link. */
const linkMs = 1_500
/** Links an alert crosses on its way back to the node that crashed, or around one that lost it; each makes the remainder so much longer. */
const linksMax = 2

interface Standing {
  readonly key: string
  readonly revision: number
  readonly truth: TrueRevision
  /** End of validity, as its issuer said it. */
  readonly untilMs: number
  /** True if it only lengthens the one before. */
  readonly isRenewal: boolean
}

/** A standing revision with the last one before it that was no renewal. */
interface Stood extends Standing {
  readonly base: number
  readonly fromMs: number
}

interface Presence {
  state: TrueVehicle | undefined
  isConnected: boolean
  isReading: boolean
  /** What was written since the socket opened. */
  written: Set<string>
  /** By alert: since when it has been concerned to spare, and since when it has not been concerned at all. */
  readonly runs: Map<string, { readonly revision: number; readonly sinceMs: number }>
  readonly strangers: Map<string, number>
  /** Ends it is owed, by when. */
  readonly owed: Map<string, number>
  /** Alerts whose end is on its way to it. */
  readonly toldOf: Set<string>
}

export interface Verdict {
  readonly must: number
  readonly missed: readonly string[]
  readonly warned: number
  readonly wrong: readonly string[]
  readonly recall: number
  readonly precision: number
  /** Whatever else broke a rule, at most a hundred. */
  readonly faults: readonly string[]
}

export interface Scorer {
  /** A vehicle's socket is open, and it takes what is written (primary, not stalled), or does not. */
  joined(node: string, vehicle: string): void
  reads(node: string, vehicle: string, isReading: boolean, atMs: number): void
  left(node: string, vehicle: string): void
  /**
   * A node believed a report. Where the vehicle is counts from its newest sample, at the time it was accepted; those before it only say
   * which way it went. Before anything is told that was written because of it.
   * @param isFound true if the vehicle had been lost: it jumped, and what was known of its course is of another place
   */
  accepted(node: string, vehicle: string, samples: readonly TrueSample[], isFound: boolean): void
  /** The node has written what comes of the sample: now it is judged. */
  judge(node: string, vehicle: string): void
  /** A revision stands at a node from now on. Call before anything is written of it. */
  stands(node: string, standing: Standing, atMs: number): void
  /** A node's process died, and another one starts knowing no alert and no vehicle. */
  crashed(node: string): void
  /** An alert ended at a node for everyone. */
  ended(node: string, key: string, atMs: number): void
  /** Written to a vehicle's socket: an alert's revision, or an end of it. */
  wrote(node: string, vehicle: string, key: string, revision: number, atMs: number): void
  /** @param isWithdrawn true if it says that the alert no longer concerns the vehicle, false if it says that it is over */
  told(node: string, vehicle: string, key: string, isWithdrawn: boolean, atMs: number): void
  /** Reached the vehicle, which lets go of it by itself at the end of its validity; 0 = it does not keep it, having heard of its end. */
  got(vehicle: string, key: string, untilMs: number): void
  gotEnd(vehicle: string, key: string, atMs: number): void
  /** The application was given an alert to show. */
  shown(vehicle: string, key: string): void
  /** A moment passed: whatever was due by then is late now. */
  passed(atMs: number): void
  fault(text: string): void
  verdict(): Verdict
}

/** Two links overlap by some round trips. */
const handOverMs = 500
const faultsMax = 100

export function createScorer(): Scorer {
  const presences = new Map<string, Map<string, Presence>>()
  const standing = new Map<string, Map<string, Stood>>()
  const endedAt = new Map<string, Set<string>>()
  const bases = new Map<string, number>()
  /** What was ever written to a vehicle, by any node: the newest revision of each alert. */
  const warnedOf = new Map<string, number>()
  /** By vehicle and alert, until when. */
  const holding = new Map<string, Map<string, number>>()
  /** By vehicle and alert, the last end that came, and the nodes it was connected to. */
  const lastEnd = new Map<string, { readonly atMs: number; readonly socket: string }>()
  const showings = new Set<string>()
  const musts = new Set<string>()
  const missed = new Map<string, string>()
  const concernedEver = new Set<string>()
  /** Surely concerned by a sample of its own since the revision stands: from then on hysteresis holds. */
  const concernedSince = new Set<string>()
  const warnings = new Set<string>()
  const faults: string[] = []

  const fault = (text: string): void => {
    if (faults.length < faultsMax) faults.push(text)
  }
  const standingAt = (node: string): Map<string, Stood> => entryOf(standing, node, () => new Map())
  const holdingOf = (vehicle: string): Map<string, number> => entryOf(holding, vehicle, () => new Map())
  const holds = (vehicle: string, key: string, atMs: number): boolean => (holdingOf(vehicle).get(key) ?? 0) > atMs
  const presenceOf = (node: string, vehicle: string): Presence =>
    entryOf(
      entryOf(presences, node, () => new Map()),
      vehicle,
      () => ({
        state: undefined,
        isConnected: false,
        isReading: false,
        written: new Set<string>(),
        runs: new Map(),
        strangers: new Map(),
        owed: new Map(),
        toldOf: new Set(),
      }),
    )

  function noteConcern(node: string, vehicle: string, state: TrueVehicle, stood: Stood, atMs: number): boolean {
    const key = `${node} ${vehicle} ${stood.key} r${stood.base}`
    if (concernedEver.has(key)) return true
    const place = reckoned(state, atMs)
    const where = isConcernedTruly(stood.truth, place.vehicle, atMs, spareM + place.uncertaintyM, spareDeg)
    if (where || isConcernedTruly(stood.truth, state, atMs, spareM, spareDeg)) concernedEver.add(key)
    return concernedEver.has(key)
  }

  function judgeMust(node: string, vehicle: string, presence: Presence, state: TrueVehicle, stood: Stood): void {
    const { atMs } = state
    const run = presence.runs.get(stood.key)
    const isConcerned = presence.isReading && atMs < stood.untilMs && isConcernedTruly(stood.truth, state, atMs, -spareM, -spareDeg)
    if (!isConcerned) presence.runs.delete(stood.key)
    else if (run?.revision !== stood.base) presence.runs.set(stood.key, { revision: stood.base, sinceMs: atMs })
    else if (atMs - run.sinceMs >= lastsMs) {
      const must = `${vehicle} of ${stood.key} r${stood.base} at ${node}`
      musts.add(must)
      if ((warnedOf.get(`${vehicle} ${stood.key}`) ?? 0) < stood.base)
        missed.set(must, `${must}, concerned since ${run.sinceMs}, now ${atMs}`)
    }
  }

  /** Somebody who drove off has to be told; once it was, or if it has nothing, there is nothing to tell. */
  function judgeKept(node: string, vehicle: string, presence: Presence, state: TrueVehicle, stood: Stood): void {
    const { atMs } = state
    if (
      !presence.isReading ||
      !holds(vehicle, stood.key, atMs) ||
      presence.toldOf.has(stood.key) ||
      isConcernedTruly(stood.truth, state, atMs, keptM, keptDeg)
    ) {
      presence.strangers.delete(stood.key)
      return
    }
    const sinceMs = entryOf(presence.strangers, stood.key, () => atMs)
    if (atMs - sinceMs < lastsMs) return
    fault(`${vehicle} was not told by ${node} that ${stood.key} no longer concerns it: since ${sinceMs}, now ${atMs}`)
    presence.strangers.set(stood.key, Number.POSITIVE_INFINITY)
  }

  function oweEnd(node: string, vehicle: string, key: string, atMs: number): void {
    const presence = presenceOf(node, vehicle)
    if (presence.isReading && holds(vehicle, key, atMs) && !presence.toldOf.has(key)) presence.owed.set(key, atMs + endsWithinMs)
  }

  return {
    joined(node, vehicle) {
      const presence = presenceOf(node, vehicle)
      presence.isConnected = true
      presence.written = new Set()
      presence.toldOf.clear()
    },
    reads(node, vehicle, isReading, atMs) {
      const presence = presenceOf(node, vehicle)
      if (presence.isReading === isReading) return
      presence.isReading = isReading
      presence.runs.clear()
      presence.strangers.clear()
      presence.owed.clear()
      if (isReading) for (const key of holdingOf(vehicle).keys()) if (endedAt.get(node)?.has(key)) oweEnd(node, vehicle, key, atMs)
    },
    left(node, vehicle) {
      const presence = presenceOf(node, vehicle)
      presence.isConnected = false
      presence.isReading = false
      presence.runs.clear()
      presence.strangers.clear()
      presence.owed.clear()
    },
    accepted(node, vehicle, samples, isFound) {
      const presence = presenceOf(node, vehicle)
      const state = samples.reduce(afterSample, isFound ? undefined : presence.state)
      if (state === undefined) throw new Error('a report without samples')
      presence.state = state
      for (const stood of standingAt(node).values()) {
        if (state.atMs > stood.untilMs + linkMs) continue
        noteConcern(node, vehicle, state, stood, state.atMs)
        if (isConcernedTruly(stood.truth, state, state.atMs, -1, -1)) concernedSince.add(`${node} ${vehicle} ${stood.key} r${stood.base}`)
      }
    },
    judge(node, vehicle) {
      const presence = presenceOf(node, vehicle)
      const { state } = presence
      if (state === undefined) return
      for (const stood of standingAt(node).values()) {
        if (state.atMs > stood.untilMs) continue
        judgeMust(node, vehicle, presence, state, stood)
        judgeKept(node, vehicle, presence, state, stood)
      }
    },
    stands(node, given, atMs) {
      const before = standingAt(node).get(given.key)
      const base = given.isRenewal && before !== undefined ? before.base : given.revision
      const stood: Stood = { ...given, base, fromMs: atMs }
      bases.set(`${node} ${given.key} r${given.revision}`, base)
      standingAt(node).set(given.key, stood)
      for (const [vehicle, { state, strangers }] of presences.get(node) ?? []) {
        if (!given.isRenewal) strangers.delete(given.key)
        if (state !== undefined && atMs - state.atMs <= soughtMs) noteConcern(node, vehicle, state, stood, atMs)
      }
    },
    crashed(node) {
      standing.delete(node)
      endedAt.delete(node)
      presences.delete(node)
    },
    ended(node, key, atMs) {
      const ended = entryOf(endedAt, node, () => new Set())
      if (ended.has(key)) return
      ended.add(key)
      standingAt(node).delete(key)
      for (const vehicle of presences.get(node)?.keys() ?? []) oweEnd(node, vehicle, key, atMs)
    },
    wrote(node, vehicle, key, revision, atMs) {
      const presence = presenceOf(node, vehicle)
      const what = `${key} r${revision}`
      if (!presence.isReading) fault(`${node} wrote ${what} to ${vehicle}, which does not read`)
      if (presence.written.has(what)) fault(`${node} wrote ${what} to ${vehicle} twice on one socket`)
      presence.written.add(what)
      presence.toldOf.delete(key)
      const stood = standingAt(node).get(key)
      if (endedAt.get(node)?.has(key)) fault(`${node} wrote ${what} to ${vehicle} after it ended`)
      else if (stood === undefined || stood.revision !== revision) fault(`${node} wrote ${what} to ${vehicle}, which does not stand`)
      else {
        if (atMs > stood.untilMs + linksMax * linkMs) fault(`${node} wrote ${what} to ${vehicle} after its validity`)
        if (presence.state !== undefined) noteConcern(node, vehicle, presence.state, stood, atMs)
      }
      warnings.add(`${node} ${vehicle} ${key} r${bases.get(`${node} ${what}`) ?? revision}`)
      warnedOf.set(`${vehicle} ${key}`, Math.max(revision, warnedOf.get(`${vehicle} ${key}`) ?? 0))
    },
    told(node, vehicle, key, isWithdrawn, atMs) {
      const { owed, state, toldOf } = presenceOf(node, vehicle)
      owed.delete(key)
      toldOf.add(key)
      const stood = standingAt(node).get(key)
      if (!isWithdrawn || stood === undefined || state === undefined) return
      if (!concernedSince.has(`${node} ${vehicle} ${key} r${stood.base}`)) return
      if (isConcernedTruly(stood.truth, state, atMs, spareM, spareDeg))
        fault(`${node} told ${vehicle} at its border that ${key} no longer concerns it`)
    },
    got: (vehicle, key, untilMs) => holdingOf(vehicle).set(key, untilMs),
    gotEnd(vehicle, key, atMs) {
      const name = `${vehicle} ${key}`
      const { atMs: lastMs = Number.NEGATIVE_INFINITY, socket } = lastEnd.get(name) ?? {}
      const here = [...presences].filter(([, all]) => all.get(vehicle)?.isConnected).map(([node]) => node)
      lastEnd.set(name, { atMs, socket: here.join() })
      // While a vehicle is handed over it has two links, and an end that comes then is told on both.
      const isHandedOver = atMs - lastMs < handOverMs && (here.length > 1 || socket !== here.join())
      if (!holdingOf(vehicle).delete(key) && !isHandedOver) fault(`${vehicle} was told of the end of ${key}, which it was not sent since`)
    },
    shown(vehicle, key) {
      const showing = `${vehicle} ${key}`
      if (showings.has(showing)) fault(`${vehicle} was shown ${key} a second time`)
      showings.add(showing)
    },
    passed(atMs) {
      for (const [node, vehicles] of presences) {
        for (const [vehicle, { owed }] of vehicles) {
          for (const [key, byMs] of owed) {
            if (atMs <= byMs) continue
            owed.delete(key)
            if (holds(vehicle, key, atMs)) fault(`${vehicle} was not told by ${node} within a second that ${key} ended`)
          }
        }
      }
    },
    fault,
    verdict() {
      const wrong = [...warnings].filter(warning => !concernedEver.has(warning))
      return {
        must: musts.size,
        missed: [...missed.values()],
        warned: warnings.size,
        wrong,
        recall: musts.size === 0 ? 1 : 1 - missed.size / musts.size,
        precision: warnings.size === 0 ? 1 : 1 - wrong.length / warnings.size,
        faults,
      }
    },
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
