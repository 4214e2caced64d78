import type { outrider as wire } from '@outrider/protocol'
import type { Coordinates } from './distance.js'
import { coordinatesOf, distanceM, isInPolygons } from './distance.js'

/** To the edge of a circle, else to the event, in m; 0 inside a circle or polygon; undefined if the alert says no place. */
export function distanceToHazardM(alert: wire.v1.Alert.$Properties, own: Coordinates): number | undefined {
  const { area } = alert
  if (isInPolygons(area?.polygons, own)) return 0
  const center = coordinatesOf(area?.circle?.center)
  const toCircle = center === undefined ? undefined : Math.max(0, distanceM(own, center) - (area?.circle?.radiusCm ?? 0) / 100)
  if (toCircle === 0) return 0
  const event = coordinatesOf(alert.eventPosition)
  return event === undefined ? toCircle : distanceM(own, event)
}
