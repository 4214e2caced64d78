import { outrider } from '@outrider/protocol'

const { Priority } = outrider.v1

/** Orders of urgency, as the wire has them. */
export type PriorityName = 'information' | 'warning' | 'imminent'

export interface Urgency {
  /** Value of the wire's Priority; 0 = not said, as information. */
  readonly priority: number
  /** When the hazard is reached, on the monotonic clock; Infinity = not known. */
  readonly hazardAtMs: number
  /** Arrival, counted up. */
  readonly order: number
}

/** Below 0 if `a` is more urgent: priority first, then time to hazard, then who came first. */
export function compareUrgency(a: Urgency, b: Urgency): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  if (a.hazardAtMs !== b.hazardAtMs) return a.hazardAtMs - b.hazardAtMs
  return a.order - b.order
}

export function priorityName(priority: number): PriorityName {
  if (priority >= Priority.PRIORITY_IMMINENT) return 'imminent'
  return priority === Priority.PRIORITY_WARNING ? 'warning' : 'information'
}
