// Alerts at random, and what they mean to the scorer. The wire's form and the truth are written side by side from the same numbers; `truthOf`
// reads a wire form back for alerts that a node detected by itself.
import type { AlertDraft } from '@outrider/alerts'
import { outrider } from '@outrider/protocol'
import type { Ring, TrueArea } from './area-truth.js'
import { starRing } from './area-truth.js'
import type { Chance } from './chance.js'
import type { TrueRevision } from './concerned-truth.js'
import { type Place, placeOff } from './earth.js'
import { wallStartMs } from './simulated-time.js'

const { AlertStatus, IssuerRole, Priority, TrafficDirection } = outrider.v1

type WireArea = outrider.v1.Area.$Properties
type WirePosition = outrider.v1.Position.$Properties

const directions = {
  all: TrafficDirection.TRAFFIC_DIRECTION_ALL,
  upstream: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
  downstream: TrafficDirection.TRAFFIC_DIRECTION_DOWNSTREAM,
  opposite: TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE,
} as const
const travels = ['both', 'both', 'along', 'against'] as const

export function toWire({ latDeg, lonDeg }: Place): WirePosition {
  return { latitudeE7: Math.round(latDeg * 1e7), longitudeE7: Math.round(lonDeg * 1e7) }
}

export function fromWire(position: WirePosition | null | undefined): Place {
  return { latDeg: (position?.latitudeE7 ?? 0) / 1e7, lonDeg: (position?.longitudeE7 ?? 0) / 1e7 }
}

/** A random alert somewhere in the city; `grown` makes its area larger or smaller. */
export function randomDraft(chance: Chance, middle: Place, halfSideM: number, nowMs: number, grown = 1): AlertDraft {
  const event = placeOff(middle, chance.between(-halfSideM, halfSideM), chance.between(-halfSideM, halfSideM))
  return draftAt(chance, event, nowMs, grown)
}

export function draftAt(chance: Chance, event: Place, nowMs: number, grown: number): AlertDraft {
  const headingDecideg = chance.of([0, 900, 1_800, 2_700, chance.whole(0, 3_599)])
  const awarenessDistanceM = chance.of([0, 50, 200, 500, 1_000])
  const hasHeading = chance.is(0.85)
  const direction = chance.of(['all', 'upstream', 'upstream', 'downstream', 'opposite'] as const)
  const history = chance.is(0.3) ? [placeOff(event, chance.between(-400, 400), chance.between(-400, 400))] : []
  return {
    content: {
      status: AlertStatus.ALERT_STATUS_ACTUAL,
      cause: { code: chance.of([10, 91, 94, 6, 18]), subCause: 0 },
      eventPosition: toWire(event),
      history: history.map(place => ({ position: toWire(place) })),
      area: wireArea(chance, event, nowMs, grown),
      awarenessDistanceM,
      trafficDirection: directions[hasHeading ? direction : 'all'],
      ...(hasHeading ? { referenceHeadingDecideg: headingDecideg } : {}),
      priority: chance.of([Priority.PRIORITY_INFORMATION, Priority.PRIORITY_WARNING, Priority.PRIORITY_IMMINENT]),
      issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
    },
    validityMs: chance.of([6_000, 20_000, 60_000]),
    renewable: false,
  }
}

function wireArea(chance: Chance, event: Place, nowMs: number, grown: number): WireArea {
  const size = chance.of([30, 80, 250]) * grown
  const ring = (middle: Place, least: number, most: number) => ({
    points: starRing(
      middle,
      Array.from({ length: chance.whole(4, 12) }, () => chance.between(least, most)),
    ).map(toWire),
  })
  const kind = chance.of(['circle', 'circle', 'polygon', 'polygons', 'corridor', 'moving'] as const)
  if (kind === 'circle') return { circle: { center: toWire(event), radiusCm: Math.round(size * 100) } }
  if (kind === 'polygon') {
    return { polygons: { polygons: [{ outer: ring(event, size, size * 2), holes: [ring(event, size * 0.1, size * 0.6)] }] } }
  }
  if (kind === 'polygons') {
    const second = placeOff(event, size * 3, size)
    return { polygons: { polygons: [{ outer: ring(event, size / 2, size) }, { outer: ring(second, size / 2, size) }] } }
  }
  if (kind === 'corridor') {
    const line = [placeOff(event, -size * 3, 0), event, placeOff(event, size * 2, size)].map(toWire)
    return { corridor: { line, widthCm: chance.of([1_200, 3_000, 8_000]), direction: chance.of([0, 1, 2, 3]) } }
  }
  return {
    moving: {
      position: toWire(event),
      timeMs: wallStartMs + nowMs,
      headingDecideg: chance.of([0, 900, 1_800, 2_700]),
      speedCmps: chance.whole(0, 2_000),
      aheadCm: Math.round(size * 200),
      behindCm: 2_000,
      widthCm: chance.of([2_000, 10_000]),
    },
  }
}

/** What an alert of the wire says, in the scorer's terms. */
export function truthOf(alert: outrider.v1.Alert.$Properties): TrueRevision {
  const heading = alert.referenceHeadingDecideg
  const named = Object.entries(directions).find(([, number]) => number === alert.trafficDirection)?.[0] ?? 'all'
  return {
    area: areaOf(alert.area ?? {}),
    event: fromWire(alert.eventPosition),
    history: (alert.history ?? []).map(({ position }) => fromWire(position)),
    awarenessM: alert.awarenessDistanceM ?? 0,
    direction: named as TrueRevision['direction'],
    headingDeg: heading == null ? undefined : heading / 10,
  }
}

function areaOf({ circle, polygons, corridor, moving }: WireArea): TrueArea {
  const ringOf = (ring: outrider.v1.Ring.$Properties | null | undefined): Ring => (ring?.points ?? []).map(fromWire)
  if (circle != null) return { kind: 'circle', centre: fromWire(circle.center), radiusM: (circle.radiusCm ?? 0) / 100 }
  if (polygons != null) {
    return {
      kind: 'polygons',
      polygons: (polygons.polygons ?? []).map(({ outer, holes }) => [ringOf(outer), ...(holes ?? []).map(ringOf)]),
    }
  }
  if (corridor != null) {
    const { line, widthCm, direction } = corridor
    return { kind: 'corridor', line: (line ?? []).map(fromWire), widthM: (widthCm ?? 0) / 100, travel: travels[direction ?? 0]! }
  }
  if (moving == null) throw new Error('an area without a shape')
  return {
    kind: 'moving',
    start: fromWire(moving.position),
    startMs: (moving.timeMs ?? 0) - wallStartMs,
    courseDeg: (moving.headingDecideg ?? 0) / 10,
    speedMps: (moving.speedCmps ?? 0) / 100,
    aheadM: (moving.aheadCm ?? 0) / 100,
    behindM: (moving.behindCm ?? 0) / 100,
    widthM: (moving.widthCm ?? 0) / 100,
  }
}
