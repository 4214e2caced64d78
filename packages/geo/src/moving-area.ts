import { type Area, outsideFrame, polygonsOf } from './area.js'
import type { AreaInput } from './area-input.js'
import { type AreaProblems, areaProblemCodes } from './area-problem.js'
import { eastMPerUnit, type Frame, inFrame, northMPerUnit } from './frame.js'
import { readInteger, readPosition, readTimeMs } from './read-position.js'

/** A rectangle that travels with a vehicle at constant course and speed from where it was at `timeMs`. */
export interface MovingArea {
  readonly kind: 'moving'
  readonly frame: Frame
  readonly x: number
  readonly y: number
  readonly timeMs: number
  readonly headingDeg: number
  readonly speedMps: number
  readonly aheadM: number
  readonly behindM: number
  readonly widthM: number
}

/** DENM's default validity: no dead reckoning is worth anything longer. Later the rectangle stands where it was by then. */
const reckoningMsMax = 600_000

/**
 * The area as it lies at a time: the fixed kinds as they are, a moving one as a rectangle of four corners, rounded to a centimetre.
 * Makes a new record: call it once per turn of the loop for what moves, not per test.
 *
 * @param atMs ms since 1970-01-01 UTC; before the area's own time it lies where it began
 */
export function areaAt(area: Area | MovingArea, atMs: number): Area {
  if (area.kind !== 'moving') return area
  const { frame } = area
  if (!inFrame(area.x, area.y)) return outsideFrame('polygons', frame)
  const seconds = Math.max(0, Math.min(reckoningMsMax, atMs - area.timeMs)) / 1000
  const north = Math.cos((area.headingDeg * Math.PI) / 180)
  const east = Math.sin((area.headingDeg * Math.PI) / 180)
  const vehicle = moved(frame, area, east * area.speedMps * seconds, north * area.speedMps * seconds)
  const half = area.widthM / 2
  const corner = (alongM: number, rightM: number) => moved(frame, vehicle, east * alongM + north * rightM, north * alongM - east * rightM)
  // Counter-clockwise, as `ringsContain` wants an outer ring.
  const corners = [corner(-area.behindM, -half), corner(-area.behindM, half), corner(area.aheadM, half), corner(area.aheadM, -half)]
  const points = new Int32Array(16)
  for (const [i, { x, y }] of corners.entries()) {
    const after = corners[(i + 1) % 4]!
    points.set([Math.round(x), Math.round(y), Math.round(after.x), Math.round(after.y)], i * 4)
  }
  return polygonsOf(frame, points)
}

interface Place {
  readonly x: number
  readonly y: number
}

function moved(frame: Frame, from: Place, eastM: number, northM: number): Place {
  const y = from.y + northM / northMPerUnit
  return { x: from.x + eastM / eastMPerUnit(frame, (from.y + y) / 2), y }
}

export function compileMoving(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  input: NonNullable<AreaInput['moving']>,
): MovingArea | null {
  const at = new Float64Array(2)
  readPosition(problems, `${path}.position`, frame, input.position, at, 0)
  const timeMs = readTimeMs(problems, `${path}.timeMs`, input.timeMs)
  const headingDeg = readInteger(problems, `${path}.headingDecideg`, input.headingDecideg, 0, 3599) / 10
  const speedMps = readInteger(problems, `${path}.speedCmps`, input.speedCmps ?? 0, 0, 16_382) / 100
  const aheadM = readInteger(problems, `${path}.aheadCm`, input.aheadCm ?? 0, 0, 1_000_000) / 100
  const behindM = readInteger(problems, `${path}.behindCm`, input.behindCm ?? 0, 0, 1_000_000) / 100
  const widthM = readInteger(problems, `${path}.widthCm`, input.widthCm, 1, 1_000_000) / 100
  if (aheadM + behindM === 0) problems.add(areaProblemCodes.zeroArea, path, 'reaches neither ahead nor behind; must reach at least 1 cm')
  if (problems.list.length > 0) return null
  return { kind: 'moving', frame, x: at[0]!, y: at[1]!, timeMs, headingDeg, speedMps, aheadM, behindM, widthM }
}
