import type { Route } from './route.js'

/** How the one vehicle moves: towards its cruising speed, or to a stop before the route's end or because its driver brakes. */
export interface Car {
  /** Goes on by `dtS`. */
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

export function createCar(route: Route, cruiseMps: number): Car {
  let distanceM = 0
  let speedMps = cruiseMps
  let accelMps2 = 0
  let brakeMps2 = 0

  function wantedMps(): number {
    if (brakeMps2 > 0) return 0
    return Math.min(cruiseMps, Math.sqrt(2 * slowDownMps2 * Math.max(0, route.lengthM - distanceM)))
  }

  return {
    step(dtS) {
      const before = speedMps
      const wanted = wantedMps()
      // Down to the end of the route the curve itself is ordinary braking; the rest is bounded by brakes and engine.
      const lowest = speedMps - (brakeMps2 > 0 ? brakeMps2 : 2 * slowDownMps2) * dtS
      speedMps = Math.max(0, Math.min(Math.max(wanted, lowest), speedMps + speedUpMps2 * dtS))
      if (route.lengthM - distanceM < 0.1) speedMps = 0
      distanceM += ((before + speedMps) / 2) * dtS
      accelMps2 = dtS > 0 ? (speedMps - before) / dtS : 0
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
