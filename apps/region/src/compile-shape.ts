import type { CompileArea } from '@outrider/alerts'
import { compileArea, createFrame, type Shape, shapeOf } from '@outrider/geo'
import { movingReachMs } from '@outrider/zone-table'

/** Whether an area is valid does not depend on where it is asked from. */
const anywhere = createFrame(0, 0)

/** Validates a wire area for the registry; what the region matches with is its shape. */
export const compileShape: CompileArea<Shape> = area => {
  const result = compileArea(area, anywhere, '')
  if (result.ok) return { ok: true, area: shapeOf(area, movingReachMs) }
  const { path, text } = result.problems[0]
  return { ok: false, problem: { field: path.replace(/^\./, ''), message: text.slice(path.length).trim() } }
}
