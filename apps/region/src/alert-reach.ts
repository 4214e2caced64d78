import type { CompileArea } from '@outrider/alerts'
import { compileArea, createFrame, pointShape, type Shape, shapeOf, touches } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'

type Alert = outrider.v1.Alert.$Properties

/** Whether an area is valid does not depend on where it is asked from. */
const anywhere = createFrame(0, 0)
/** A moving area is reckoned no further than DENM's default validity. */
const movingMsMax = 600_000

/** Validates a wire area for the registry; what the region matches with is its shape. */
export const compileShape: CompileArea<Shape> = area => {
  const result = compileArea(area, anywhere, '')
  if (result.ok) return { ok: true, area: shapeOf(area, movingMsMax) }
  const { path, text } = result.problems[0]
  return { ok: false, problem: { field: path.replace(/^\./, ''), message: text.slice(path.length).trim() } }
}

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
