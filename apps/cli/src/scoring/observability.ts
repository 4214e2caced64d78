/*
 * Which hazards could be found at all with the vehicles that are kept: those that a named vehicle is, and those that others sense when at
 * least two kept vehicles pass while it lasts. Passing is coming within the row's radius, at least 30 m, on a course within 60° of the
 * row's if both are known; the vehicles that are the hazard do not pass it.
 */
import { haversineM, headingDifferenceDeg } from '@outrider/geo'
import type { TrafficSample, TruthRow } from '@outrider/traffic'
import type { TruthHazard } from './truth-hazards.js'

/** Causes that passers sense. */
const sensedCauses: ReadonlySet<number> = new Set([1, 5, 6, 7, 10, 17, 18, 19, 27, 94])
const collisionRisk = 97
const passersNeeded = 2
const passMMin = 30
const courseDegMax = 60
/** Degrees of latitude that 1 m is, a little more: rows further away are not measured. */
const degPerM = 1 / 110_000

export interface Observability {
  /** A kept sample, in order of time. */
  see(sample: TrafficSample): void
  isObservable(hazard: TruthHazard): boolean
}

interface Watch {
  readonly hazard: TruthHazard
  readonly row: TruthRow
  readonly reachM: number
}

export function createObservability(hazards: readonly TruthHazard[]): Observability {
  const named = new Set(hazards.flatMap(hazard => hazard.vehicleIds))
  const seen = new Set<string>()
  const passers = new Map<TruthHazard, Set<string>>()
  const ahead: Watch[] = hazards
    .flatMap(hazard => hazard.rows.map(row => ({ hazard, row, reachM: Math.max(passMMin, row.radiusM) })))
    .filter(({ row }) => sensedCauses.has(row.cause))
    .sort((a, b) => b.row.fromS - a.row.fromS)
  let watched: Watch[] = []
  let atS = Number.NEGATIVE_INFINITY

  const isPassed = (hazard: TruthHazard): boolean => (passers.get(hazard)?.size ?? 0) >= passersNeeded

  function passTime(timeS: number): void {
    if (timeS === atS) return
    atS = timeS
    while (ahead.length > 0 && ahead.at(-1)!.row.fromS <= timeS) watched.push(ahead.pop()!)
    if (watched.some(({ hazard, row }) => row.toS < timeS || isPassed(hazard))) {
      watched = watched.filter(({ hazard, row }) => row.toS >= timeS && !isPassed(hazard))
    }
  }

  function isAt({ hazard, row, reachM }: Watch, { lat, lon, headingDeg, vehicleId }: TrafficSample): boolean {
    if (Math.abs(row.lat - lat) > reachM * degPerM || haversineM(row.lat, row.lon, lat, lon) > reachM) return false
    const isAlong =
      row.headingDeg === undefined || headingDeg === undefined || headingDifferenceDeg(row.headingDeg, headingDeg) <= courseDegMax
    return isAlong && !hazard.vehicleIds.includes(vehicleId)
  }

  return {
    see(sample) {
      if (named.has(sample.vehicleId)) seen.add(sample.vehicleId)
      passTime(sample.timeS)
      for (const watch of watched) {
        if (!isAt(watch, sample)) continue
        const known = passers.get(watch.hazard)
        if (known === undefined) passers.set(watch.hazard, new Set([sample.vehicleId]))
        else known.add(sample.vehicleId)
      }
    },
    isObservable(hazard) {
      const kept = hazard.vehicleIds.filter(name => seen.has(name)).length
      const isSeen = hazard.cause === collisionRisk ? kept === hazard.vehicleIds.length : true
      return (kept > 0 && isSeen) || isPassed(hazard)
    },
  }
}
