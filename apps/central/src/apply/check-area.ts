import type { CompileArea } from '@outrider/alerts'
import { compileArea, createFrame } from '@outrider/geo'

/** Validity is the same in every frame (geo's contract), so one is enough for alerts from anywhere. */
const anyFrame = createFrame(0, 0)

/** Whether an area is valid anywhere on earth; central matches no vehicle, so nothing is kept of the compiled one. */
export const checkAreaAnywhere: CompileArea<undefined> = area => {
  const compiled = compileArea(area, anyFrame, '')
  if (compiled.ok) return { ok: true, area: undefined }
  const [{ path, text }] = compiled.problems
  return { ok: false, problem: { field: path, message: text } }
}
