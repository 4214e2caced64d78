/** Points of one area in all its rings or its line: what one check and one exact test may cost. */
export const areaPointsMax = 10_000

/** What can be wrong with an area. */
export const areaProblemCodes = {
  /** No shape, a part of it missing, or a list without entries. */
  missing: 'missing',
  /** More than one shape. */
  ambiguous: 'ambiguous',
  /** Not a whole number (NaN and infinities included). */
  notANumber: 'not_a_number',
  /** A number outside its range. */
  outOfRange: 'out_of_range',
  /** More than 10,000 points in all. */
  tooManyPoints: 'too_many_points',
  /** A GeoJSON ring whose last position is not its first (the wire's rings may be left open). */
  openRing: 'open_ring',
  /** A ring with fewer than three different points, a line with fewer than two. */
  tooFewPoints: 'too_few_points',
  /** Wider than half the earth from west to east, or around a pole. */
  tooWide: 'too_wide',
  /** A ring whose points all lie on one line. */
  zeroArea: 'zero_area',
  /** A ring that crosses, touches or runs back along itself. */
  selfCrossing: 'self_crossing',
  /** A hole that crosses or touches its polygon's boundary or another hole. */
  holeCrossing: 'hole_crossing',
  /** A hole that lies outside its polygon or inside another hole. */
  holeOutside: 'hole_outside',
} as const

export type AreaProblemCode = (typeof areaProblemCodes)[keyof typeof areaProblemCodes]

export interface AreaProblem {
  readonly code: AreaProblemCode
  /** Field path, such as `area.polygons.polygons[0].holes[1].points[3].latitudeE7`. */
  readonly path: string
  /** One line: what was found and what is allowed. */
  readonly text: string
}

/** A sender is told so many; the rest are of the same kind and would only fill the answer. */
const problemsMax = 10

/** Gathers problems in the order they are found. */
export interface AreaProblems {
  readonly list: readonly AreaProblem[]
  add(code: AreaProblemCode, path: string, text: string): void
}

export function createAreaProblems(): AreaProblems {
  const list: AreaProblem[] = []
  return {
    list,
    add(code, path, text) {
      if (list.length < problemsMax) list.push({ code, path, text: `${path} ${text}` })
    },
  }
}
