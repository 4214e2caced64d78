import { type Area, eastMPerUnit, northMPerUnit, toX, toY } from '@outrider/geo'
import type { Zones } from './zone-table.js'

/** The part of the earth a node reckons in: around the middle of what it owns. */
export interface Ground {
  readonly latitudeDeg: number
  readonly longitudeDeg: number
  /** Half the sides of the box, m. */
  readonly eastM: number
  readonly northM: number
}

interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** Corners of areas as a box in 1e-7 degree around `origin`, the short way round the earth. */
function boxOf(areas: readonly Area[], origin: Area): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  for (const { frame, minX, minY, maxX, maxY } of areas) {
    const x = toX(origin.frame, frame.originLongitudeE7)
    const y = toY(origin.frame, frame.originLatitudeE7)
    box.west = Math.min(box.west, x + minX)
    box.east = Math.max(box.east, x + maxX)
    box.south = Math.min(box.south, y + minY)
    box.north = Math.max(box.north, y + maxY)
  }
  return box
}

/** Where the node reckons: the box of what it owns. Undefined if it owns nothing, or something the size of a country. */
export function groundOf({ footprints }: Zones, node: string): Ground | undefined {
  const own = footprints.filter(({ nodes }) => nodes[0] === node).map(({ area }) => area)
  const origin = own[0]
  if (origin === undefined) return undefined
  const { west, south, east, north } = boxOf(own, origin)
  const latitudeE7 = origin.frame.originLatitudeE7 + (south + north) / 2
  const longitudeE7 = origin.frame.originLongitudeE7 + (west + east) / 2
  const eastM = ((east - west) / 2) * eastMPerUnit(origin.frame, (south + north) / 2)
  const northM = ((north - south) / 2) * northMPerUnit
  const turned =
    longitudeE7 > 1_800_000_000 ? longitudeE7 - 3_600_000_000 : longitudeE7 < -1_800_000_000 ? longitudeE7 + 3_600_000_000 : longitudeE7
  if (!(eastM < 185_000 && northM < 185_000)) return undefined
  return { latitudeDeg: latitudeE7 / 1e7, longitudeDeg: turned / 1e7, eastM: Math.max(eastM, 100), northM: Math.max(northM, 100) }
}

/** Why a table is of no use to a node, if so: lines for a person. */
export function whyNoUse(zones: Zones, node: string): string[] {
  if (zones.node(node) === undefined) return [`nodes has no "${node}"; the node's name must be one of its names`]
  return groundOf(zones, node) === undefined ? [`"${node}" must own footprints, together at most 370 km wide`] : []
}
