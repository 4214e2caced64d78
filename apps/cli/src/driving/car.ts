import type { Route } from './route.js'

/** How the one vehicle moves: towards its cruising speed, or to a stop before the route's end or because its driver brakes. */
export interface Car {
  /** Goes on by `dtS`, more than 0. */
  step(dtS: number): void
  readonly place: ReturnType<Route['at']>
  readonly speedMps: number
  readonly accelMps2: number
  /** Stops as hard as `brakeMps2` from now on. */
  brake(brakeMps2: number): void
  goOn(): void
}

const speedUpMps2 = 2
/** Ordinary braking, to the end of the route. */
const slowDownMps2 = 2.5
/** So close to the end a stop is for good. */
const stopWithinM = 2

export function createCar(route: Route, cruiseMps: number): Car {
  let distanceM = 0
  // Not faster than it can stop before the end of a short route.
  let speedMps = Math.min(cruiseMps, Math.sqrt(2 * slowDownMps2 * route.lengthM))
  let accelMps2 = 0
  let brakeMps2 = 0

  /** What its driver does with the pedals. */
  function pedalMps2(dtS: number): number {
    if (brakeMps2 > 0) return -brakeMps2
    const leftM = route.lengthM - distanceM
    const toStopMps2 = leftM > 0 ? speedMps ** 2 / (2 * leftM) : Number.POSITIVE_INFINITY
    if (toStopMps2 >= slowDownMps2) return -toStopMps2
    return leftM < stopWithinM ? 0 : Math.max(-slowDownMps2, Math.min(speedUpMps2, (cruiseMps - speedMps) / dtS))
  }

  return {
    step(dtS) {
      const before = speedMps
      speedMps = Math.max(0, before + pedalMps2(dtS) * dtS)
      distanceM += ((before + speedMps) / 2) * dtS
      accelMps2 = (speedMps - before) / dtS
    },
    get place() {
      return route.at(distanceM)
    },
    get speedMps() {
      return speedMps
    },
    get accelMps2() {
      return accelMps2
    },
    brake(hard) {
      brakeMps2 = hard
    },
    goOn() {
      brakeMps2 = 0
    },
  }
}
