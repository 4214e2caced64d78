import { shapeOf } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'
import { movingReachMs, placeZones, reaches } from '@outrider/zone-table'

/** Names of the zones whose vehicles an alert can concern, as the region reckons it. */
export function zonesReached(alert: outrider.v1.Alert.$Properties, table: outrider.v1.ZoneTable.$Properties): string[] {
  const placed = placeZones(table)
  if (!placed.ok || alert.area == null) return []
  const area = shapeOf(alert.area, movingReachMs)
  return [...new Set(placed.zones.footprints.filter(({ shape }) => reaches(alert, area, shape)).map(({ zone }) => zone))]
}
