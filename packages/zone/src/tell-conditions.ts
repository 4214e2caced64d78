/*
 * Records of what the road and the air are like, to the telemetry lane: of each cell of the field once a minute, while somebody drives there. A
 * record names its cell by the H3 cell of resolution 10 that holds its middle: these are at most 152 m wide and middles 200 m apart, so that
 * no two cells have one name. No vehicle is named.
 */
import type { CellCondition } from '@outrider/detection'
import { toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'
import { latLngToCell } from 'h3-js'
import type { ZoneState } from './zone-state.js'

const cellResolution = 10

export function tellConditions({ surroundings, policy, frame, log, records, authority }: ZoneState, nowMs: number, wallMs: number): void {
  for (const cell of surroundings.conditions.due(nowMs, policy.conditionMs, policy.conditionsPerTick)) {
    const name = latLngToCell(toLatitudeE7(frame, cell.y) / 1e7, toLongitudeE7(frame, cell.x) / 1e7, cellResolution)
    log.append('telemetry', records.other({ authority, condition: conditionOf(cell, name, wallMs - nowMs) }))
  }
}

/** @param offsetMs from the monotonic clock to wall time */
function conditionOf(of: CellCondition, cell: string, offsetMs: number): outrider.v1.Condition.$Properties {
  const { friction, airTemperatureC, rain, visibilityM, roughnessMps2, speedMps } = of.values
  return {
    cell,
    fromTimeMs: of.oldestAtMs + offsetMs,
    untilTimeMs: of.newestAtMs + offsetMs,
    sources: of.sources,
    ...(friction && { frictionLowestPercent: Math.round(friction.lowest * 100), frictionPercent: Math.round(friction.median * 100) }),
    ...(airTemperatureC && { airTemperatureDecidegc: Math.round(airTemperatureC.median * 10) }),
    ...(rain && { rainPercent: Math.round(rain.median * 100) }),
    ...(visibilityM && { visibilityM: Math.round(visibilityM.lowest) }),
    ...(of.roadSurface !== 0 && { roadSurface: of.roadSurface as outrider.v1.RoadSurface }),
    ...(roughnessMps2 && { roughnessCmps2: Math.round(roughnessMps2.median * 100) }),
    ...(speedMps && { speedCmps: Math.round(speedMps.median * 100) }),
  }
}
