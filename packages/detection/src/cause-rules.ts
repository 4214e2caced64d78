/*
 * From how many independent vehicles on a hazard is public, per cause: the column "public from" of the table of causes (docs/detection.md).
 * A detector's own sure finding (`alone`) needs nobody else.
 */
import { causes, findCause } from '@outrider/protocol'

/** Independent vehicles that must say so, when none of them is sure by itself. Causes that are not here are not taken from vehicles. */
const sourcesNeeded: ReadonlyMap<number, number> = new Map(
  (
    [
      ['trafficCondition', 3],
      ['accident', 2],
      ['impassability', 2],
      ['adhesion', 2],
      ['aquaplaning', 2],
      ['hazardousLocationSurfaceCondition', 2],
      ['hazardousLocationObstacleOnTheRoad', 2],
      ['hazardousLocationAnimalOnTheRoad', 2],
      ['humanPresenceOnTheRoad', 2],
      ['wrongWayDriving', 2],
      ['adverseWeatherExtremeWeather', 2],
      ['adverseWeatherVisibility', 2],
      ['adverseWeatherPrecipitation', 2],
      ['slowVehicle', 2],
      ['dangerousEndOfQueue', 2],
      ['vehicleBreakdown', 2],
      ['postCrash', 2],
      ['stationaryVehicle', 2],
    ] as const
  ).map(([name, sources]) => [causes[name].code, sources]),
)

/** Undefined = vehicles cannot report this cause: it is a partner's to issue, or a detector's. */
export function sourcesNeededOf(cause: number): number | undefined {
  return sourcesNeeded.get(cause)
}

/** Causes of one family explain the same thing; a cause without one is its own. */
export function familyOf(cause: number): string | number {
  return findCause(cause)?.family ?? cause
}

/** Of two causes of one family the graver is shown: the later in this list. The others count as equal. */
const graver = [causes.trafficCondition.code, causes.dangerousEndOfQueue.code, causes.stationaryVehicle.code, causes.vehicleBreakdown.code]
const gravest = [causes.accident.code, causes.postCrash.code, causes.dangerousSituation.code, causes.collisionRisk.code]
const order: readonly number[] = [...graver, ...gravest]

export function isGraver(cause: number, than: number): boolean {
  return order.indexOf(cause) > order.indexOf(than) && order.indexOf(than) >= 0
}

/** How long evidence of a cause stands without being repeated, ms: the alert's own validity. */
export function evidenceLastsMs(cause: number): number {
  return (findCause(cause)?.defaults?.validityS ?? 60) * 1_000
}
