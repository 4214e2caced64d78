/** How a driver drives: the parameters of the intelligent driver model (Treiber, Hennecke, Helbing 2000). */
export interface Driver {
  /** Share of the limit that is driven, 0.9..1.1. */
  readonly limitShare: number
  readonly accelMps2: number
  readonly brakeMps2: number
  /** Time gap kept. */
  readonly headwayS: number
}

/** Gap kept when standing. */
export const standingGapM = 2

/** No tyre on dry asphalt brakes much harder. */
export const brakeMaxMps2 = 8

/** Acceleration on a free road towards a wanted speed. */
export function freeAccel(driver: Driver, speedMps: number, wantedMps: number): number {
  const ratio = speedMps / Math.max(wantedMps, 0.1)
  const squared = ratio * ratio
  return Math.max(driver.accelMps2 * (1 - squared * squared), -driver.brakeMps2 * 1.5)
}

/** Acceleration behind something that moves at `leadMps` (0 for a stop line), `gapM` away from bumper to bumper. */
export function followAccel(driver: Driver, speedMps: number, wantedMps: number, gapM: number, leadMps: number): number {
  const closing = (speedMps * (speedMps - leadMps)) / (2 * Math.sqrt(driver.accelMps2 * driver.brakeMps2))
  const wantedGapM = standingGapM + Math.max(0, speedMps * driver.headwayS + closing)
  const share = wantedGapM / Math.max(gapM, 0.1)
  const interaction = driver.accelMps2 * share * share
  return Math.max(freeAccel(driver, speedMps, wantedMps) - interaction, -brakeMaxMps2)
}

/** Braking for a lower speed `distanceM` ahead: nothing until it takes 1.5 m/s², then just what it takes. */
export function slowDownAccel(speedMps: number, lowerMps: number, distanceM: number): number {
  if (speedMps <= lowerMps) return Number.POSITIVE_INFINITY
  const neededMps2 = (speedMps * speedMps - lowerMps * lowerMps) / (2 * Math.max(distanceM, 0.3))
  return neededMps2 < 1.5 ? Number.POSITIVE_INFINITY : -Math.min(neededMps2, 4)
}

/**
 * Braking for a line `distanceM` ahead: as for a lower speed, down to standing half a metre before it. The follower's model would
 * brake twice as hard here when a light changes late: it keeps a time gap, which a line does not need.
 */
export function stopAccel(speedMps: number, distanceM: number): number {
  const leftM = distanceM - 0.5
  if (leftM <= 0.1) return -Math.min(speedMps / 0.1, 4)
  const neededMps2 = (speedMps * speedMps) / (2 * leftM)
  return neededMps2 < 1.5 ? Number.POSITIVE_INFINITY : -Math.min(neededMps2, 5)
}
