/*
 * Whom an alert can concern at all: who is in its area, or within the awareness distance of the area, of the event position or of a
 * point of its history. Whether such a vehicle's course concerns it is the zone's question.
 */
import { type Area, clearanceM, contains, growBox, isWithinM } from './area.js'
import { distanceM, type Extent, overlapsFrame } from './frame.js'
import { edgesMeetBox, ringsContain } from './rings.js'

export interface Reach extends Extent {
  readonly area: Area
  /** Metres, 0..10,000. 0: the area alone. */
  readonly awarenessM: number
  /** x, y of the event position and of its history, in the frame's units. */
  readonly points: Int32Array
}

/** Where a point lies; `inside` counts before `near`. */
export const places = { outside: 0, near: 1, inside: 2 } as const
export type Place = (typeof places)[keyof typeof places]

/** @param points positions in the area's frame; those far outside it are left out, since nobody here is near them */
export function createReach(area: Area, awarenessM = 0, points: readonly { readonly x: number; readonly y: number }[] = []): Reach {
  const near = awarenessM > 0 ? points.filter(({ x, y }) => overlapsFrame(growBox(area.frame, boxOf(x, y), awarenessM))) : []
  let { minX, minY, maxX, maxY } = awarenessM > 0 ? growBox(area.frame, area, awarenessM) : area
  for (const { x, y } of near) {
    const box = growBox(area.frame, boxOf(x, y), awarenessM)
    minX = Math.min(minX, box.minX)
    minY = Math.min(minY, box.minY)
    maxX = Math.max(maxX, box.maxX)
    maxY = Math.max(maxY, box.maxY)
  }
  return { area, awarenessM, points: Int32Array.from(near.flatMap(({ x, y }) => [x, y])), minX, minY, maxX, maxY }
}

/** Where a point of the frame lies: the exact test. */
export function placeIn(reach: Reach, x: number, y: number): Place {
  const { area, awarenessM } = reach
  if (awarenessM === 0) return contains(area, x, y) ? places.inside : places.outside
  if (x < reach.minX || x > reach.maxX || y < reach.minY || y > reach.maxY) return places.outside
  if (contains(area, x, y)) return places.inside
  return pointsDistanceM(reach, x, y) <= awarenessM || isWithinM(area, x, y, awarenessM) ? places.near : places.outside
}

/** What is known of a whole block of positions without testing each: the last two bits of a fence index's entries. */
export const blockPlaces = {
  /** Nothing: every position has to be tested. */
  unknown: 0,
  /** Each is near, none is inside. */
  near: 1,
  /** Each is at least near; which are inside has to be tested. */
  nearOrInside: 2,
  inside: 3,
  outside: 4,
} as const
export type BlockPlace = (typeof blockPlaces)[keyof typeof blockPlaces]

/** A box of whole positions, its borders included. */
export interface Block extends Extent {
  /** Metres from its middle to a corner, or more. */
  readonly spreadM: number
}

/**
 * Where all positions of a block lie; `unknown` is always a right answer. For polygons alone exact: no edge meets the block. Else by
 * the distance of its middle, which changes by at most as much as one moves; two percent and a metre more cover the scale of a unit
 * east that changes across the block.
 */
export function blockPlace(reach: Reach, block: Block): BlockPlace {
  const { area, awarenessM } = reach
  const x = (block.minX + block.maxX) / 2
  const y = (block.minY + block.maxY) / 2
  const marginM = 1 + block.spreadM * 1.02 + awarenessM * 0.002
  const side = areaSide(area, block, x, y, marginM)
  if (side > 0) return blockPlaces.inside
  if (awarenessM === 0) return side < 0 ? blockPlaces.outside : blockPlaces.unknown
  const areaM = Math.max(0, -clearanceM(area, x, y, awarenessM + marginM))
  const awayM = Math.min(areaM, pointsDistanceM(reach, x, y))
  if (side < 0 && awayM - marginM > awarenessM) return blockPlaces.outside
  if (awayM + marginM > awarenessM) return blockPlaces.unknown
  return side < 0 ? blockPlaces.near : blockPlaces.nearOrInside
}

/** 1 if the whole block is in the area, -1 if nothing of it is, 0 if that is not known. */
function areaSide(area: Area, block: Block, x: number, y: number, marginM: number): -1 | 0 | 1 {
  if (area.kind === 'polygons') {
    if (area.edges === null) return -1
    if (edgesMeetBox(area.edges, block.minX, block.minY, block.maxX, block.maxY)) return 0
    return ringsContain(area.edges, x, y) ? 1 : -1
  }
  const insideM = clearanceM(area, x, y, marginM)
  return insideM > marginM ? 1 : insideM < -marginM ? -1 : 0
}

function pointsDistanceM(reach: Reach, x: number, y: number): number {
  const { points, area } = reach
  let nearestM = Number.POSITIVE_INFINITY
  for (let i = 0; i < points.length; i += 2) nearestM = Math.min(nearestM, distanceM(area.frame, x, y, points[i]!, points[i + 1]!))
  return nearestM
}

function boxOf(x: number, y: number): Extent {
  return { minX: x, minY: y, maxX: x, maxY: y }
}
