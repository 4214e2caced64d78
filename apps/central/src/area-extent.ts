import { destination } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'

type Alert = outrider.v1.Alert.$Properties
type Position = outrider.v1.Position.$Properties

/**
 * A box in degrees that holds an alert's event position and area. Longitudes run on beyond ±180 from the event position, so that
 * west ≤ east also across the antimeridian.
 */
export interface Extent {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** @param alert with a valid area and event position */
export function areaExtent(alert: Alert): Extent {
  const origin = toDegrees(alert.eventPosition!)
  const box = { west: origin.longitudeDeg, south: origin.latitudeDeg, east: origin.longitudeDeg, north: origin.latitudeDeg }
  for (const { position, marginM } of outline(alert.area!)) {
    const { latitudeDeg, longitudeDeg } = toDegrees(position)
    const northDeg = marginM === 0 ? 0 : destination(0, 0, 0, marginM).latitudeDeg
    // A degree of longitude shrinks towards the pole that the margin reaches for; beyond 89° it is all of them.
    const reachDeg = Math.abs(latitudeDeg) + northDeg
    const eastDeg = marginM === 0 ? 0 : reachDeg >= 89 ? 180 : northDeg / Math.cos((reachDeg * Math.PI) / 180)
    const near = nearLongitude(longitudeDeg, origin.longitudeDeg)
    box.west = Math.min(box.west, near - eastDeg)
    box.east = Math.max(box.east, near + eastDeg)
    box.south = Math.max(-90, Math.min(box.south, latitudeDeg - northDeg))
    box.north = Math.min(90, Math.max(box.north, latitudeDeg + northDeg))
  }
  return box
}

/** The same longitude, within half a turn of another. */
export function nearLongitude(longitudeDeg: number, originDeg: number): number {
  const difference = longitudeDeg - originDeg
  return difference > 180 ? longitudeDeg - 360 : difference < -180 ? longitudeDeg + 360 : longitudeDeg
}

export function toDegrees({ latitudeE7, longitudeE7 }: Position): { readonly latitudeDeg: number; readonly longitudeDeg: number } {
  return { latitudeDeg: (latitudeE7 ?? 0) / 1e7, longitudeDeg: (longitudeE7 ?? 0) / 1e7 }
}

/** Points whose surroundings hold the area. */
function outline({ circle, corridor, moving, polygons }: outrider.v1.Area.$Properties): { position: Position; marginM: number }[] {
  if (circle != null) return [{ position: circle.center!, marginM: (circle.radiusCm ?? 0) / 100 }]
  if (corridor != null) return (corridor.line ?? []).map(position => ({ position, marginM: (corridor.widthCm ?? 0) / 200 }))
  if (moving != null) {
    const aheadM = Math.max(moving.aheadCm ?? 0, moving.behindCm ?? 0) / 100
    return [{ position: moving.position!, marginM: aheadM + (moving.widthCm ?? 0) / 200 }]
  }
  return (polygons?.polygons ?? []).flatMap(({ outer }) => (outer?.points ?? []).map(position => ({ position, marginM: 0 })))
}
