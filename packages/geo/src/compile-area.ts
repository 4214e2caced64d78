import { type Area, growBox } from './area.js'
import type { AreaInput } from './area-input.js'
import { type AreaProblem, type AreaProblems, areaProblemCodes, createAreaProblems } from './area-problem.js'
import { compileCorridor } from './compile-corridor.js'
import { compilePolygons } from './compile-polygons.js'
import type { Frame } from './frame.js'
import { compileMoving, type MovingArea } from './moving-area.js'
import { readInteger, readPosition } from './read-position.js'

/** An area ready for the exact tests, or one that first has to be placed at a time (`areaAt`). */
export type CompiledArea = Area | MovingArea

export type AreaResult =
  | { readonly ok: true; readonly area: CompiledArea }
  | { readonly ok: false; readonly problems: readonly [AreaProblem, ...AreaProblem[]] }

/**
 * Checks an area at the door and makes it ready for the exact tests of one zone. Never throws on what comes in: everything wrong is
 * named by its field path, up to ten at a time. A valid area far from the zone is valid, and contains none of its points.
 *
 * @param input the shape of the wire's `Area`
 * @param path what the input is called in the problems' paths
 */
export function compileArea(input: AreaInput | null | undefined, frame: Frame, path = 'area'): AreaResult {
  const problems = createAreaProblems()
  const area = compileShape(problems, path, input, frame)
  const [first, ...rest] = problems.list
  if (first !== undefined) return { ok: false, problems: [first, ...rest] }
  return { ok: true, area: area! }
}

function compileShape(problems: AreaProblems, path: string, input: AreaInput | null | undefined, frame: Frame): CompiledArea | null {
  const shapes = (['circle', 'polygons', 'corridor', 'moving'] as const).filter(
    shape => input?.[shape] !== undefined && input[shape] !== null,
  )
  if (shapes.length !== 1) {
    const code = shapes.length === 0 ? areaProblemCodes.missing : areaProblemCodes.ambiguous
    problems.add(code, path, `has ${shapes.length} shapes; must have one of circle, polygons, corridor, moving`)
    return null
  }
  if (input?.circle) return compileCircle(problems, `${path}.circle`, frame, input.circle)
  if (input?.polygons) return compilePolygons(problems, `${path}.polygons`, frame, input.polygons)
  if (input?.corridor) return compileCorridor(problems, `${path}.corridor`, frame, input.corridor)
  if (input?.moving) return compileMoving(problems, `${path}.moving`, frame, input.moving)
  return null
}

function compileCircle(problems: AreaProblems, path: string, frame: Frame, input: NonNullable<AreaInput['circle']>): Area | null {
  const center = new Float64Array(2)
  const valid = readPosition(problems, `${path}.center`, frame, input.center, center, 0)
  const radiusM = readInteger(problems, `${path}.radiusCm`, input.radiusCm, 1, 100_000_000) / 100
  if (!valid || Number.isNaN(radiusM)) return null
  const x = center[0]!
  const y = center[1]!
  const box = growBox(frame, { minX: x, minY: y, maxX: x, maxY: y }, radiusM)
  return { kind: 'circle', frame, ...box, x, y, radiusM, direction: 'both', edges: null }
}
