import type { PositionInput } from './area-input.js'
import { type AreaProblems, areaProblemCodes } from './area-problem.js'
import { type Frame, toX, toY } from './frame.js'

const latitudeE7Max = 900_000_000
const longitudeE7Max = 1_800_000_000

/** A whole number of a range; anything else is named and NaN comes back. */
export function readInteger(problems: AreaProblems, path: string, value: unknown, min: number, max: number): number {
  const allowed = `must be a whole number, ${min} to ${max}`
  if (value === undefined || value === null) problems.add(areaProblemCodes.missing, path, `is missing; ${allowed}`)
  else if (typeof value !== 'number' || !Number.isInteger(value))
    problems.add(areaProblemCodes.notANumber, path, `is ${shown(value)}; ${allowed}`)
  else if (value < min || value > max) problems.add(areaProblemCodes.outOfRange, path, `is ${value}; ${allowed}`)
  else return value
  return Number.NaN
}

/** A finite number, whole or not; anything else is named and NaN comes back. */
export function readTimeMs(problems: AreaProblems, path: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  problems.add(areaProblemCodes.notANumber, path, `is ${shown(value)}; must be ms since 1970-01-01 UTC`)
  return Number.NaN
}

/** Reads one point into `into[at]` (x) and `into[at + 1]` (y); false if something is wrong with it. */
export function readPosition(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  input: PositionInput | null | undefined,
  into: Float64Array,
  at: number,
): boolean {
  if (typeof input !== 'object' || input === null) {
    problems.add(areaProblemCodes.missing, path, 'is missing; must be a position')
    return false
  }
  const latitudeE7 = readInteger(problems, `${path}.latitudeE7`, input.latitudeE7, -latitudeE7Max, latitudeE7Max)
  const longitudeE7 = readInteger(problems, `${path}.longitudeE7`, input.longitudeE7, -longitudeE7Max, longitudeE7Max)
  into[at] = toX(frame, longitudeE7)
  into[at + 1] = toY(frame, latitudeE7)
  return !Number.isNaN(latitudeE7) && !Number.isNaN(longitudeE7)
}

/**
 * Reads points in a row. A step of longitude goes the short way round the earth, so that a ring over the antimeridian is one ring
 * wherever the frame's origin is; the whole is then turned as near to `aroundX` as it comes. Equal neighbours become one.
 * null if something is wrong.
 */
export function readPoints(
  problems: AreaProblems,
  path: string,
  frame: Frame,
  input: readonly PositionInput[],
  aroundX: number,
): Float64Array | null {
  const read = new Float64Array(input.length * 2)
  let valid = true
  for (let i = 0; i < input.length; i++) valid = readPosition(problems, `${path}[${i}]`, frame, input[i], read, i * 2) && valid
  if (!valid) return null
  let kept = 0
  let minX = Number.POSITIVE_INFINITY
  let maxX = Number.NEGATIVE_INFINITY
  for (let i = 0; i < read.length; i += 2) {
    const x = kept === 0 ? read[i]! : turnedTo(read[i]!, read[kept - 2]!)
    if (kept > 0 && x === read[kept - 2] && read[i + 1] === read[kept - 1]) continue
    read[kept++] = x
    read[kept++] = read[i + 1]!
    minX = Math.min(minX, x)
    maxX = Math.max(maxX, x)
  }
  if (maxX - minX > longitudeE7Max) {
    problems.add(areaProblemCodes.tooWide, path, 'is wider than half the earth or runs around a pole')
    return null
  }
  const middleX = Math.round((minX + maxX) / 2)
  const shiftX = turnedTo(middleX, aroundX) - middleX
  for (let i = 0; i < kept; i += 2) read[i]! += shiftX
  return read.subarray(0, kept)
}

/** The longitude x, or x plus or minus whole turns, that is at most half a turn from `aroundX`. */
function turnedTo(x: number, aroundX: number): number {
  return x - Math.round((x - aroundX) / (2 * longitudeE7Max)) * 2 * longitudeE7Max
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value
}
