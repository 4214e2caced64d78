/*
 * Weather: visibility 18, precipitation 19, and both at once, extreme weather 17. A measured visibility or rain is evidence by itself.
 * Lamps and wipers are habits: drivers forget the rear fog light, and wipe off a lorry's spray, so that they say something only where
 * nearly all independent vehicles of the cell do the same.
 */
import { flagBit } from '@outrider/protocol'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { condition, type Way } from './explanation.js'
import { noFindings } from './no-findings.js'
import { roadFinding } from './road-finding.js'

const extremeWeather = 17
const visibility = 18
const precipitation = 19
const fogRear = flagBit('fog_rear')
const wipersFast = 3
const freezesAtC = 0

export function findWeather(surroundings: Surroundings, _: number, sighting: Sighting): readonly Finding[] {
  const { policy } = surroundings
  const { report, index } = sighting
  const visibilityM = report.visibilityM[index]!
  const isBlind = visibilityM <= policy.visibilityMMax || isFoggy(surroundings, sighting)
  const isPouring = report.rain[index]! >= policy.heavyRain || isWiped(surroundings, sighting)
  if (!isBlind && !isPouring) return noFindings
  const freezes = report.airTemperatureC[index]! <= freezesAtC
  if (isPouring && visibilityM <= policy.visibilityExtremeMMax) return roadFinding(surroundings, sighting, extremeWeather, freezes ? 6 : 0)
  if (!isBlind) return roadFinding(surroundings, sighting, precipitation, freezes ? 2 : 1)
  return roadFinding(surroundings, sighting, visibility, isPouring ? (freezes ? 3 : 4) : visibilitySubCause(sighting))
}

/** Fog where a fog light is on; what else takes the sight (smoke, low sun) nobody says. */
function visibilitySubCause({ flags }: Sighting): number {
  return (flags & fogRear) === 0 ? 0 : 1
}

function isFoggy({ conditions, policy }: Surroundings, { flags, x, y, atMs }: Sighting): boolean {
  return (flags & fogRear) !== 0 && conditions.fogShare(policy.habitSourcesMin, x, y, atMs) >= policy.habitShareMin
}

function isWiped({ conditions, policy }: Surroundings, { report, index, x, y, atMs }: Sighting): boolean {
  if (!(report.wiper[index]! >= wipersFast)) return false
  return conditions.shareFrom('wiper', wipersFast, policy.habitSourcesMin, x, y, atMs) >= policy.habitShareMin
}

export function explainWeather(surroundings: Surroundings, _: number, sighting: Sighting): readonly Way[] {
  const { policy } = surroundings
  const { report, index } = sighting
  const visibilityM = report.visibilityM[index]!
  const rain = report.rain[index]!
  const others = `of at least ${policy.habitSourcesMin} vehicles there ${policy.habitShareMin * 100} % do so`
  return [
    {
      name: 'visibility',
      conditions: [condition(`sees ${visibilityM} m, needed ${policy.visibilityMMax} at most`, visibilityM <= policy.visibilityMMax)],
    },
    { name: 'fog lights', conditions: [condition(`rear fog light on, and ${others}`, isFoggy(surroundings, sighting))] },
    { name: 'rain', conditions: [condition(`rain ${rain}, needed ${policy.heavyRain}`, rain >= policy.heavyRain)] },
    { name: 'wipers', conditions: [condition(`wipers fast, and ${others}`, isWiped(surroundings, sighting))] },
  ]
}
