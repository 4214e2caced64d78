import { type Area, corridorOf, growBox, outsideFrame } from './area.js'
import type { AreaInput } from './area-input.js'
import { type AreaProblems, areaPointsMax, areaProblemCodes } from './area-problem.js'
import { type Frame, overlapsFrame } from './frame.js'
import { readInteger, readPoints } from './read-position.js'

/** By the wire's CorridorDirection: 0 not said, 1 both, 2 along, 3 against. */
const directions = ['both', 'both', 'along', 'against'] as const

/** Everything within half the width of a line, its ends rounded. The line may cross itself, as roads do. */
export function compileCorridor(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  input: NonNullable<AreaInput['corridor']>,
): Area | null {
  const radiusM = readInteger(problems, `${path}.widthCm`, input.widthCm, 1, 1_000_000) / 200
  const direction = directions[readInteger(problems, `${path}.direction`, input.direction ?? 0, 0, 3)]
  if (!Array.isArray(input.line) || input.line.length === 0) {
    problems.add(areaProblemCodes.missing, `${path}.line`, 'is empty; must be a list of at least two points')
    return null
  }
  if (input.line.length > areaPointsMax) {
    problems.add(areaProblemCodes.tooManyPoints, `${path}.line`, `has ${input.line.length} points; at most ${areaPointsMax} are allowed`)
    return null
  }
  const line = readPoints(problems, `${path}.line`, frame, input.line, 0)
  if (line === null || direction === undefined || Number.isNaN(radiusM)) return null
  if (line.length < 4) {
    problems.add(areaProblemCodes.tooFewPoints, `${path}.line`, 'has 1 different point; must have at least 2')
    return null
  }
  const points = segmentsNearFrame(frame, line, radiusM)
  return points.length === 0 ? outsideFrame('corridor', frame) : corridorOf(frame, points, radiusM, direction)
}

/**
 * ax, ay, bx, by of the segments that come within `marginM` of the frame: the others hold no point of it. What stays is at most half
 * a turn long and begins near the frame, so it fits 32 bits (2^31 units are 214°).
 */
function segmentsNearFrame(frame: Frame, line: Float64Array, marginM: number): number[] {
  const near: number[] = []
  for (let i = 0; i + 3 < line.length; i += 2) {
    const ax = line[i]!
    const ay = line[i + 1]!
    const bx = line[i + 2]!
    const by = line[i + 3]!
    const box = { minX: Math.min(ax, bx), minY: Math.min(ay, by), maxX: Math.max(ax, bx), maxY: Math.max(ay, by) }
    if (overlapsFrame(growBox(frame, box, marginM))) near.push(ax, ay, bx, by)
  }
  return near
}
