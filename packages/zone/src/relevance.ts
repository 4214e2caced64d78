import type { StandingAlert } from '@outrider/alerts'
import { areaAt, type CompiledArea, createReach, type Frame, type Reach, toX, toY } from '@outrider/geo'
import { outrider } from '@outrider/protocol'

const { Priority, TrafficDirection } = outrider.v1

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

/** @param marginM what a silent vehicle may be off at most */
export function createRelevance(entry: StandingAlert<CompiledArea>, frame: Frame, wallMs: number, marginM: number): Relevance {
  const { alert } = entry
  const area = areaAt(entry.area, wallMs)
  const event = pointOf(frame, alert.eventPosition)
  const history = (alert.history ?? []).map(point => pointOf(frame, point.position))
  const awarenessM = alert.awarenessDistanceM ?? 0
  const headingDeg = alert.referenceHeadingDecideg == null ? Number.NaN : alert.referenceHeadingDecideg / 10
  return {
    reach: createReach(area, awarenessM, [event, ...history]),
    wide: createReach(area, awarenessM + marginM + driftM, awarenessM > 0 ? [event, ...history] : []),
    eventX: event.x,
    eventY: event.y,
    direction: Number.isNaN(headingDeg) ? 'all' : (directions[alert.trafficDirection ?? 0] ?? 'all'),
    headingDeg,
    eventSpeedMps: (alert.eventSpeedCmps ?? 0) / 100,
    isImminent: alert.priority === Priority.PRIORITY_IMMINENT,
    moves: entry.area.kind === 'moving',
  }
}

/** The registry has checked that both coordinates are there. */
function pointOf(frame: Frame, position: outrider.v1.Position.$Properties | null | undefined): { x: number; y: number } {
  return { x: toX(frame, position?.longitudeE7 ?? 0), y: toY(frame, position?.latitudeE7 ?? 0) }
}
