// What a driver is told of all that the vehicle knows, and when: a state machine without clock, sockets or timers.
//
//   imminent, warning ─▶ at once, a warning with a sound only if the last sound is ten seconds ago
//   information ─▶ waits until the hazard is two minutes away and nothing imminent is ahead
//   of a family and within 300 m of one that was told ─▶ never, unless it is more urgent: then it takes the other's place
//   later revision ─▶ never, unless its priority is higher than what was told
//   passed and shown ─▶ a question to the driver, at most one in ten minutes
//
// It looks at the hazards that the store holds, and keeps with each of them what was told and how near it was (`passing`).
import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { isSameFamily } from './cause-family.js'
import type { Coordinates } from './distance.js'
import { coordinatesOf, distanceM } from './distance.js'
import { distanceToHazardM } from './hazard-distance.js'
import type { Urgency } from './urgency.js'
import { compareUrgency } from './urgency.js'

const { Priority } = outrider.v1

export interface PresentationSettings {
  /** Hazards of one family this near to each other are one to a driver, in m. Default 300. */
  readonly sameHazardM: number
  /** Least time between sounds, in ms; what is imminent is always heard. Default 10000. */
  readonly soundGapMs: number
  /** Information is told when its hazard is this far ahead in time, in ms. Default 120000. */
  readonly informationWithinMs: number
  /** Least time between questions to the driver, in ms. Default 600000. */
  readonly questionGapMs: number
}

export const presentationDefaults: PresentationSettings = {
  sameHazardM: 300,
  soundGapMs: 10_000,
  informationWithinMs: 120_000,
  questionGapMs: 600_000,
}

/** A hazard was passed when the vehicle was this near to it and has since gone so much farther away again: GPS strays less. */
const passedWithinM = 100
const passedBeyondM = 50
/** Below it the own speed says nothing about when the hazard is reached. */
const speedMpsMin = 1

/** How the vehicle has come by a hazard. */
export interface Passing {
  nearestM: number
  isPassed: boolean
}

export function createPassing(): Passing {
  return { nearestM: Number.POSITIVE_INFINITY, isPassed: false }
}

/** A hazard that is active, and what the policy keeps with it. */
interface Hazard {
  readonly entry: Urgency & {
    readonly key: string
    readonly revision: number
    readonly alert: wire.v1.Alert.$Properties
    /** Newest revision that was told; 0 = none. None is told twice. */
    readonly toldRevision: number
    readonly passing: Passing
  }
  /** Highest priority that was told; undefined = the application knows nothing of it. */
  readonly toldPriority: number | undefined
  /** Whether the application has shown it. */
  readonly isShown: boolean
}

/** Where the vehicle is and how fast, as last reported. */
export interface Situation {
  readonly at: Coordinates | undefined
  readonly speedMps: number | undefined
}

export interface Telling<Of> {
  readonly hazard: Of
  /** One that was told and stands for the same hazard: the new one takes its place. */
  readonly insteadOf: Of | undefined
  readonly why: 'new' | 'priority_rose'
  /** Whether a sound may come with it. */
  readonly isAudible: boolean
  /** Highest priority told from now on. */
  readonly toldPriority: number
}

export interface PresentationPolicy {
  /** What is to be told now, the most urgent first; nothing changes before it is `tell`. */
  next<Of extends Hazard>(hazards: readonly Of[], situation: Situation, nowMs: number): Telling<Of> | undefined
  tell(telling: Telling<Hazard>, nowMs: number): void
  /** Takes in where the vehicle is; the hazard that the driver may be asked about, if one was passed. */
  moved<Of extends Hazard>(hazards: readonly Of[], situation: Situation, nowMs: number): Of | undefined
  /** One that was not told and is the same hazard as one that was: for when that one ends. */
  standIn<Of extends Hazard>(hazard: Of, hazards: readonly Of[]): Of | undefined
  /** When `next` may have something only because time has passed. */
  dueAtMs(hazards: readonly Hazard[], nowMs: number): number
}

export function createPresentationPolicy(settings: PresentationSettings): PresentationPolicy {
  let soundedAtMs = Number.NEGATIVE_INFINITY
  let askedAtMs = Number.NEGATIVE_INFINITY

  function isSameHazard(a: Hazard, b: Hazard): boolean {
    const [one, other] = [a.entry.alert, b.entry.alert]
    if (a === b || !isSameFamily(one.cause?.code ?? 0, other.cause?.code ?? 0)) return false
    const [here, there] = [coordinatesOf(one.eventPosition), coordinatesOf(other.eventPosition)]
    return here !== undefined && there !== undefined && distanceM(here, there) <= settings.sameHazardM
  }

  function isDue(hazard: Hazard, situation: Situation, nowMs: number): boolean {
    return !hazard.entry.passing.isPassed && timeToHazardMs(hazard, situation, nowMs) <= settings.informationWithinMs
  }

  function telling<Of extends Hazard>(hazard: Of, insteadOf: Of | undefined, nowMs: number): Telling<Of> {
    const before = (insteadOf ?? hazard).toldPriority
    return {
      hazard,
      insteadOf,
      why: before === undefined ? 'new' : 'priority_rose',
      isAudible: isImminent(hazard) || nowMs - soundedAtMs >= settings.soundGapMs,
      toldPriority: Math.max(hazard.entry.priority, before ?? 0),
    }
  }

  return {
    next(hazards, situation, nowMs) {
      const told = hazards.filter(({ toldPriority }) => toldPriority !== undefined)
      const isImminentAhead = told.some(hazard => isImminent(hazard) && !hazard.entry.passing.isPassed)
      for (const hazard of [...hazards].sort((a, b) => compareUrgency(a.entry, b.entry))) {
        if (hazard.entry.toldRevision >= hazard.entry.revision) continue
        if (hazard.toldPriority !== undefined) {
          if (isWorse(hazard, hazard)) return telling(hazard, undefined, nowMs)
          continue
        }
        const same = told.find(other => isSameHazard(hazard, other))
        if (same !== undefined) {
          if (isWorse(hazard, same)) return telling(hazard, same, nowMs)
          continue
        }
        const isInformation = hazard.entry.priority < Priority.PRIORITY_WARNING
        if (!isInformation || (!isImminentAhead && isDue(hazard, situation, nowMs))) return telling(hazard, undefined, nowMs)
      }
      return undefined
    },
    tell({ isAudible }, nowMs) {
      if (isAudible) soundedAtMs = nowMs
    },
    moved(hazards, { at }, nowMs) {
      if (at === undefined) return undefined
      const passed = hazards.filter(hazard => pass(hazard, at) && hazard.isShown)
      if (passed.length === 0 || nowMs - askedAtMs < settings.questionGapMs) return undefined
      askedAtMs = nowMs
      return passed.sort((a, b) => compareUrgency(a.entry, b.entry))[0]
    },
    standIn: (hazard, hazards) =>
      hazards
        .filter(other => other.toldPriority === undefined && isSameHazard(hazard, other))
        // One whose place was taken comes back first: it is not told again.
        .sort((a, b) => Number(b.entry.toldRevision > 0) - Number(a.entry.toldRevision > 0) || compareUrgency(a.entry, b.entry))[0],
    dueAtMs(hazards, nowMs) {
      const times = hazards
        .filter(({ toldPriority, entry }) => toldPriority === undefined && entry.priority < Priority.PRIORITY_WARNING)
        .map(({ entry }) => entry.hazardAtMs - settings.informationWithinMs)
      return Math.min(Number.POSITIVE_INFINITY, ...times.filter(atMs => atMs > nowMs))
    },
  }
}

/** Without a policy: whatever comes is told at once, the most urgent first, and with a sound. */
export const everythingAtOnce: PresentationPolicy = {
  next(hazards) {
    const hazard = hazards.filter(({ toldPriority }) => toldPriority === undefined).sort((a, b) => compareUrgency(a.entry, b.entry))[0]
    if (hazard === undefined) return undefined
    return { hazard, insteadOf: undefined, why: 'new', isAudible: true, toldPriority: hazard.entry.priority }
  },
  tell: () => {},
  moved: () => undefined,
  standIn: () => undefined,
  dueAtMs: () => Number.POSITIVE_INFINITY,
}

function isImminent({ entry }: Hazard): boolean {
  return entry.priority >= Priority.PRIORITY_IMMINENT
}

/** More urgent than what was told of the same hazard, or imminent ahead while that is already behind. */
function isWorse(hazard: Hazard, told: Hazard): boolean {
  const { priority, passing } = hazard.entry
  if (passing.isPassed) return false
  return priority > (told.toldPriority ?? 0) || (isImminent(hazard) && told.entry.passing.isPassed)
}

/** By the node's reckoning or by the own way at the own speed, whichever is sooner; 0 if nobody can say, so that it is told. */
function timeToHazardMs({ entry }: Hazard, { at, speedMps }: Situation, nowMs: number): number {
  const distance = at === undefined ? undefined : distanceToHazardM(entry.alert, at)
  const reckonedMs = entry.hazardAtMs - nowMs
  if (distance === undefined) return reckonedMs === Number.POSITIVE_INFINITY ? 0 : reckonedMs
  if (distance === 0) return 0
  const ownMs = (speedMps ?? 0) >= speedMpsMin ? (distance / speedMps!) * 1_000 : Number.POSITIVE_INFINITY
  return Math.min(reckonedMs, ownMs)
}

/** Takes in a position; true if the hazard was passed just now. */
function pass({ entry }: Hazard, at: Coordinates): boolean {
  const { passing } = entry
  const distance = distanceToHazardM(entry.alert, at)
  if (distance === undefined || passing.isPassed) return false
  passing.nearestM = Math.min(passing.nearestM, distance)
  passing.isPassed = passing.nearestM <= passedWithinM && distance >= passing.nearestM + passedBeyondM
  return passing.isPassed
}
