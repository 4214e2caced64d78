import { flagBits, type TrafficSample } from '../traffic-sample.js'
import type { Random } from './random.js'
import type { Vehicle } from './vehicle.js'
import { headingOf, placeOf, tickS, timeOf, type World } from './world.js'

/** What the road and the air are like at a place. */
export interface Conditions {
  readonly friction: number
  readonly airTempC: number
  readonly roadSurface: 'DRY' | 'ICE'
}

/** A receiver's error drifts: half of it is another one after this long (multipath and ionosphere, minutes rather than seconds). */
const errorHalfLifeS = 40

/** Moves each receiver's error by one tick: a Gauss–Markov process, so that errors of successive samples are alike. */
export function driftErrors(world: World, random: Random, everyTicks: number) {
  const keep = 0.5 ** ((tickS * everyTicks) / errorHalfLifeS)
  const add = Math.sqrt(1 - keep * keep)
  for (const { sensors } of world.vehicles) {
    sensors.errorXM = keep * sensors.errorXM + add * sensors.deviationM * random.normal()
    sensors.errorYM = keep * sensors.errorYM + add * sensors.deviationM * random.normal()
  }
}

/** What a vehicle would report now: measured values, rounded to what their units on the wire can tell apart. */
export function measure(world: World, vehicle: Vehicle, conditions: Conditions, random: Random): TrafficSample {
  const { x, y, dx, dy } = placeOf(world, vehicle)
  const headingDeg = headingOf({ dx, dy })
  const speedMps = Math.hypot(vehicle.speedMps, vehicle.lateralMps)
  // Course of a moment ago along the lane: the turn since then gives yaw rate and sideways acceleration.
  const yawRateDegps = vehicle.speedMps > 0.5 ? yawRate(world, vehicle) : 0
  const { sensors } = vehicle
  const sample: { -readonly [Key in keyof TrafficSample]: TrafficSample[Key] } = {
    timeS: timeOf(world.tick),
    vehicleId: vehicle.id,
    lat: rounded(world.metres.lat(y + sensors.errorYM), 1e7),
    lon: rounded(world.metres.lon(x + sensors.errorXM), 1e7),
    headingDeg: rounded(headingDeg, 10) % 360,
    speedMps: rounded(speedMps, 100),
    accelMps2: rounded(vehicle.accelMps2, 100),
    latAccelMps2: rounded((-yawRateDegps * Math.PI * vehicle.speedMps) / 180, 100),
    yawRateDegps: rounded(yawRateDegps, 100),
    vertAccelRmsMps2: undefined,
    altM: undefined,
    hAccM: sensors.hAccM,
    lengthM: vehicle.lengthM,
    role: vehicle.role,
    enrolment: vehicle.id,
    flags: vehicle.flags,
    friction: undefined,
    airTempC: undefined,
    wiper: undefined,
    rain: undefined,
    visibilityM: undefined,
    roadSurface: undefined,
    report: vehicle.report,
  }
  if (!sensors.hasConditions) return sample
  sample.vertAccelRmsMps2 = rounded(Math.max(0, 0.02 * speedMps * (1 + 0.2 * random.normal())), 100)
  sample.friction = rounded(Math.min(1, Math.max(0, conditions.friction + 0.03 * random.normal())), 100)
  sample.airTempC = rounded(conditions.airTempC + 0.3 * random.normal(), 10)
  sample.wiper = 0
  sample.rain = 0
  sample.roadSurface = conditions.roadSurface
  return sample
}

function yawRate(world: World, vehicle: Vehicle): number {
  const { curve } = world.graph.lanes[vehicle.lane]!
  const backM = Math.min(vehicle.sM, vehicle.speedMps * tickS)
  if (curve.sharpestPerM === 0 || backM < 0.01) return 0
  const point = { x: 0, y: 0, dx: 0, dy: 0 }
  curve.pointAt(vehicle.sM, point)
  const now = headingOf(point)
  curve.pointAt(vehicle.sM - backM, point)
  const turnedDeg = ((now - headingOf(point) + 540) % 360) - 180
  return (turnedDeg * vehicle.speedMps) / backM
}

/** True if a report is due: its interval is over, or something began that is told at once. */
export function isDue(world: World, vehicle: Vehicle): boolean {
  const { sensors } = vehicle
  const isNews = (vehicle.flags & ~sensors.toldFlags & eventFlags) !== 0 || vehicle.report !== undefined
  return isNews || world.tick >= sensors.dueTick
}

/** hazard_lights to breakdown, the first eleven: what happens; the others are states, which can wait for the interval. */
const eventFlags = (flagBits.breakdown << 1) - 1

function rounded(value: number, steps: number): number {
  const result = Math.round(value * steps) / steps
  return result === 0 ? 0 : result
}
