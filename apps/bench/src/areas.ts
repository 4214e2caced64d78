// Seeded places and polygons in a city of 20 by 20 km.
import { type Area, compileArea, createExtent, createFrame, eastMPerUnit, northMPerUnit, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'

const cityM = 20_000
export const frame = createFrame(535_500_000, 99_900_000)
export const extent = createExtent(frame, cityM / 2, cityM / 2)

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A place anywhere in the city, in the frame's units. */
export function placeIn(chance: () => number): { readonly x: number; readonly y: number } {
  return {
    x: Math.round(extent.minX + chance() * (extent.maxX - extent.minX)),
    y: Math.round(extent.minY + chance() * (extent.maxY - extent.minY)),
  }
}

const corners = 30

/** A polygon of 30 corners, some 300 m across, as an area of the wire. */
export function polygonIn(chance: () => number) {
  const middle = placeIn(chance)
  const points = Array.from({ length: corners }, (_, corner) => {
    const awayM = 100 + 100 * chance()
    const angle = (2 * Math.PI * corner) / corners
    const x = middle.x + (awayM * Math.sin(angle)) / eastMPerUnit(frame, middle.y)
    const y = middle.y + (awayM * Math.cos(angle)) / northMPerUnit
    return { latitudeE7: toLatitudeE7(frame, Math.round(y)), longitudeE7: toLongitudeE7(frame, Math.round(x)) }
  })
  return { polygons: { polygons: [{ outer: { points } }] } }
}

/** @throws Error if it is no area: a mistake of the benchmark */
export function compiled(area: Parameters<typeof compileArea>[0]): Area {
  const result = compileArea(area, frame)
  if (!result.ok || result.area.kind === 'moving') throw new Error('not an area')
  return result.area
}
