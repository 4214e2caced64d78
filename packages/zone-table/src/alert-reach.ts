import { pointShape, type Shape, touches } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'

type Alert = outrider.v1.Alert.$Properties

/** Whom an alert can concern: its area, and all within the awareness distance of it, of the event and of its history. */
export function reaches(alert: Alert, area: Shape, place: Shape): boolean {
  const awarenessM = alert.awarenessDistanceM ?? 0
  return touches(area, place, awarenessM) || (awarenessM > 0 && touches(eventShape(alert), place, awarenessM))
}

/** Whether the event itself is at a place: position, history or area. */
export function isAt(alert: Alert, area: Shape, place: Shape): boolean {
  return touches(area, place) || touches(eventShape(alert), place)
}

function eventShape(alert: Alert): Shape {
  return pointShape([alert.eventPosition, ...(alert.history ?? []).map(({ position }) => position)], 0)
}
