import type { outrider } from '@outrider/protocol'

type Position = outrider.v1.Position.$Properties

const halfTurnE7 = 1_800_000_000

/** The middle of a valid area's box of latitude and longitude, the short way round the earth. */
export function middleOf(area: outrider.v1.Area.$Properties): Position {
  const points = pointsOf(area)
  const reference = points[0]?.longitudeE7 ?? 0
  const latitudes = points.map(({ latitudeE7 }) => latitudeE7 ?? 0)
  const turns = points.map(({ longitudeE7 }) => turned((longitudeE7 ?? 0) - reference))
  const middle = (values: readonly number[]) => {
    const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [values[0]!, values[0]!])
    return (min + max) / 2
  }
  return { latitudeE7: Math.round(middle(latitudes)), longitudeE7: Math.round(turned(reference + middle(turns))) }
}

function pointsOf({ circle, polygons, corridor, moving }: outrider.v1.Area.$Properties): readonly Position[] {
  if (circle != null) return [circle.center ?? {}]
  if (moving != null) return [moving.position ?? {}]
  if (corridor != null) return corridor.line ?? []
  return (polygons?.polygons ?? []).flatMap(({ outer }) => outer?.points ?? [])
}

/** Into half a turn either way. */
function turned(e7: number): number {
  return e7 > halfTurnE7 ? e7 - 2 * halfTurnE7 : e7 < -halfTurnE7 ? e7 + 2 * halfTurnE7 : e7
}
