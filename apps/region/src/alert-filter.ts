import type { Shape } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import { isAt, reaches, type Zones } from '@outrider/zone-table'
import type { BoardEntry } from './alert-board.js'
import { compileShape } from './compile-shape.js'
import { RpcFailure } from './rpc-failure.js'

const { AlertStatus } = outrider.v1

/** True if the caller wants to hear of the entry. */
export type AlertMatch = (entry: BoardEntry) => boolean

const causesMax = 32
const zonesMax = 64

/** What a filter selects. Ends of alerts whose content is not known match only a filter that asks for nothing but ended ones. @throws RpcFailure `invalid_argument` */
export function createAlertMatch(filter: outrider.v1.AlertFilter.$Properties | null | undefined, zones: () => Zones): AlertMatch {
  const causes = filter?.causes ?? []
  const names = filter?.zones ?? []
  if (causes.length > causesMax)
    throw new RpcFailure('invalid_argument', `filter.causes has ${causes.length} entries; at most ${causesMax}`)
  if (names.length > zonesMax) throw new RpcFailure('invalid_argument', `filter.zones has ${names.length} entries; at most ${zonesMax}`)
  const statuses: number[] = filter?.statuses?.length
    ? filter.statuses
    : [AlertStatus.ALERT_STATUS_ACTUAL, AlertStatus.ALERT_STATUS_EXERCISE]
  const place = filter?.area == null ? undefined : placeOf(filter.area)
  const includeEnded = filter?.includeEnded ?? false

  return ({ state, alert, area }) => {
    if (state !== 'active' && !includeEnded) return false
    if (alert === undefined || area === undefined) return causes.length + names.length === 0 && place === undefined
    if (!statuses.includes(alert.status ?? 0)) return false
    if (causes.length > 0 && !causes.includes(alert.cause?.code ?? 0)) return false
    if (place !== undefined && !isAt(alert, area, place)) return false
    return names.length === 0 || zones().footprints.some(({ zone, shape }) => names.includes(zone) && reaches(alert, area, shape))
  }
}

function placeOf(area: outrider.v1.Area.$Properties): Shape {
  const compiled = compileShape(area)
  if (!compiled.ok) throw new RpcFailure('invalid_argument', `filter.area.${compiled.problem.field} ${compiled.problem.message}`)
  return compiled.area
}
