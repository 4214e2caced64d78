import type { Alert, StandingAlert } from '@outrider/alerts'
import { areaAt, type CompiledArea, createReach, type Frame, type Reach, toX, toY } from '@outrider/geo'
import { outrider } from '@outrider/protocol'

const { IssuerRole, Priority, TrafficDirection } = outrider.v1

/** Whose traffic an alert concerns, relative to its reference heading. */
export type Direction = 'all' | 'upstream' | 'downstream' | 'opposite'

/** Whom an alert concerns, ready for the exact test; made once per revision. */
export interface Relevance {
  /** Area, awareness distance, event position and history. */
  readonly reach: Reach
  /** The same, grown by what silent vehicles may be off: for candidates. */
  readonly wide: Reach
  /** Event position in the frame's units. */
  readonly eventX: number
  readonly eventY: number
  readonly direction: Direction
  /** Reference heading; NaN = none, and then the direction is all. */
  readonly headingDeg: number
  /** Who drives the other way is in the area only so near to the event; Infinity = all of the area, as for everybody else. */
  readonly otherWayM: number
  /** Speed of the event along its reference heading. */
  readonly eventSpeedMps: number
  /** True if the alert is imminent for everyone, whatever the time to the hazard. */
  readonly isImminent: boolean
  /** True of an area that travels: to be made anew as time passes. */
  readonly moves: boolean
}

const directions: Readonly<Record<number, Direction>> = {
  [TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM]: 'upstream',
  [TrafficDirection.TRAFFIC_DIRECTION_DOWNSTREAM]: 'downstream',
  [TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE]: 'opposite',
}

/** The grid has the silent where they were reckoned at the last tick: half a second ago, at 100 m/s. */
const driftM = 50

/**
 * How much less of a detected hazard's circle counts for the other carriageway: less than the 15 m that evaluation.md leaves between those who
 * must be warned and those who may be. Of the smallest circle, 20 m, 7 m are left: the lanes beside the hazard on its own side.
 */
const otherWayLessM = 13

/** @param marginM what a silent vehicle may be off at most */
export function createRelevance(entry: StandingAlert<CompiledArea>, frame: Frame, wallMs: number, marginM: number): Relevance {
  const { alert } = entry
  const area = areaAt(entry.area, wallMs)
  const event = pointOf(frame, alert.eventPosition)
  const history = (alert.history ?? []).map(point => pointOf(frame, point.position))
  const awarenessM = alert.awarenessDistanceM ?? 0
  const headingDeg = alert.referenceHeadingDecideg == null ? Number.NaN : alert.referenceHeadingDecideg / 10
  const direction: Direction = Number.isNaN(headingDeg) ? 'all' : (directions[alert.trafficDirection ?? 0] ?? 'all')
  return {
    reach: createReach(area, awarenessM, [event, ...history]),
    wide: createReach(area, awarenessM + marginM + driftM, awarenessM > 0 ? [event, ...history] : []),
    eventX: event.x,
    eventY: event.y,
    direction,
    headingDeg,
    otherWayM: otherWayM(alert, direction),
    eventSpeedMps: (alert.eventSpeedCmps ?? 0) / 100,
    isImminent: alert.priority === Priority.PRIORITY_IMMINENT,
    moves: entry.area.kind === 'moving',
  }
}

/** Of what was detected the circle is doubt about the place, most of it along the road; an operator's area is what he says. */
function otherWayM({ issuerRole, area }: Alert, direction: Direction): number {
  if (issuerRole !== IssuerRole.ISSUER_ROLE_DETECTED || direction === 'all' || area?.circle == null) return Number.POSITIVE_INFINITY
  return Math.max(0, (area.circle.radiusCm ?? 0) / 100 - otherWayLessM)
}

/** The registry has checked that both coordinates are there. */
function pointOf(frame: Frame, position: outrider.v1.Position.$Properties | null | undefined): { x: number; y: number } {
  return { x: toX(frame, position?.longitudeE7 ?? 0), y: toY(frame, position?.latitudeE7 ?? 0) }
}
