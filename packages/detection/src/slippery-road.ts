/*
 * A road that lets go. Slippery, 6: friction measured as on snow or ice, or a control that acts (ABS, ESC, traction) where friction is
 * low or, of unknown friction, the air is near freezing. Aquaplaning, 7: the same on a wet road above freezing, at a speed at which
 * tyres float. What the vehicle itself does not measure is asked of the others in its cell; if they all measured a road that holds, it
 * holds. One vehicle never makes it public.
 */
import { flagBit } from '@outrider/protocol'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { condition, type Way } from './explanation.js'
import { noFindings } from './no-findings.js'
import { roadFinding, speedOf } from './road-finding.js'

const controls = flagBit('abs') | flagBit('esc') | flagBit('tcs')
const adhesion = 6
const aquaplaning = 7
const wet = 2
/** Sub-causes of 6 by the wire's RoadSurface: snow and slush, ice, wet ice (black ice), loose gravel (chippings). */
const subCauseOf: Readonly<Record<number, number>> = { 3: 4, 4: 5, 5: 4, 6: 6, 7: 8 }

export function findSlipperyRoad(surroundings: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const own = sighting.report.friction[sighting.index]!
  const acts = (sighting.flags & controls) !== 0
  if (!acts && !(own <= surroundings.policy.slipperyFriction)) return noFindings
  const road = readRoad(surroundings, row, sighting)
  if (!lets(surroundings, road, acts)) return noFindings
  return isFloating(surroundings, road)
    ? roadFinding(surroundings, sighting, aquaplaning, 0)
    : roadFinding(surroundings, sighting, adhesion, subCauseOf[road.surface] ?? 0)
}

interface Road {
  /** Own, or the lowest that others measured in the cell; NaN = nobody. */
  readonly friction: number
  readonly temperatureC: number
  readonly surface: number
  readonly isWet: boolean
  readonly speedMps: number
}

function readRoad({ conditions, policy, tracks }: Surroundings, row: number, sighting: Sighting): Road {
  const { report, index, x, y, atMs } = sighting
  const around = conditions.at(x, y, atMs)
  const known = (own: number, others: number | undefined) => (Number.isNaN(own) ? (others ?? Number.NaN) : own)
  const surface = report.roadSurface[index]!
  const rain = known(report.rain[index]!, around?.values.rain?.median)
  return {
    friction: known(report.friction[index]!, around?.values.friction?.lowest),
    temperatureC: known(report.airTemperatureC[index]!, around?.values.airTemperatureC?.median),
    surface,
    isWet: surface === wet || rain >= policy.heavyRain,
    speedMps: speedOf(tracks, row, sighting),
  }
}

function lets({ policy }: Surroundings, { friction, temperatureC, speedMps }: Road, acts: boolean): boolean {
  if (speedMps < policy.slippingMpsMin) return false
  if (friction <= policy.slipperyFriction) return true
  if (!acts) return false
  return Number.isNaN(friction) ? temperatureC <= policy.freezingC : friction <= policy.slippingFriction
}

function isFloating({ policy }: Surroundings, { isWet, temperatureC, speedMps }: Road): boolean {
  return isWet && !(temperatureC <= policy.freezingC) && speedMps >= policy.aquaplaningMpsMin
}

export function explainSlipperyRoad(surroundings: Surroundings, row: number, sighting: Sighting): readonly Way[] {
  const { policy } = surroundings
  const road = readRoad(surroundings, row, sighting)
  const own = sighting.report.friction[sighting.index]!
  const acts = (sighting.flags & controls) !== 0
  const moves = condition(`drives at ${road.speedMps} m/s, needed ${policy.slippingMpsMin}`, !(road.speedMps < policy.slippingMpsMin))
  const isLow = condition(`friction ${own} of its own, needed ${policy.slipperyFriction} at most`, own <= policy.slipperyFriction)
  const lacksGrip = Number.isNaN(road.friction)
    ? condition(`air at ${road.temperatureC} degrees, needed ${policy.freezingC} at most`, road.temperatureC <= policy.freezingC)
    : condition(`friction ${road.friction} there, needed ${policy.slippingFriction} at most`, road.friction <= policy.slippingFriction)
  return [
    { name: 'friction', conditions: [isLow, moves] },
    { name: 'control acts', conditions: [condition('ABS, ESC or traction control acts', acts), lacksGrip, moves] },
  ]
}
