import type { outrider } from '@outrider/protocol'

type AlertId = outrider.v1.AlertId.$Properties

/**
 * One step of one delivery, told the moment it happens. A fresh record each time: keep it as long as you like, but look up the row's
 * vehicle at once, since a released row gets another one.
 */
export interface DeliveryTransition {
  /** `formatAlertKey` of the alert. */
  readonly key: string
  readonly id: AlertId
  readonly revision: number
  /** Row of the vehicle. */
  readonly row: number
  /** Where the delivery stands now. A repeated state says that a later stage added its time. */
  readonly state: outrider.v1.DeliveryState
  /** Stage the vehicle reported with this step; 0 = none. */
  readonly stage: outrider.v1.DeliveryStage
  /** Why, if state or stage is dropped; 0 = none. */
  readonly dropReason: outrider.v1.DropReason
  /** When, on the node's monotonic clock in ms. */
  readonly atMs: number
  /** When it was last written to the vehicle's socket, on the same clock; undefined = never. */
  readonly sentAtMs: number | undefined
  /** When the vehicle says it reached the stage: vehicle clock, ms since 1970-01-01 UTC. */
  readonly vehicleTimeMs: number | undefined
  /** Node the vehicle went to, if moved and known. */
  readonly movedTo: string | undefined
  /** True if an acknowledgement opened it, because this node did not know it. */
  readonly recovered: boolean
  /** True if the vehicle held the revision before it was sent. */
  readonly alreadyHeld: boolean
  /** As given when it was targeted, in ms; undefined = unknown. */
  readonly timeToHazardMs: number | undefined
  /** As given when it was targeted, in m; undefined = unknown. */
  readonly distanceM: number | undefined
  /** True of the step that says that the vehicle is at the hazard now; it changes no state. */
  readonly reached: boolean
}

/**
 * The record of a step for the urgent lane.
 * @param vehicle pseudonym of the row's vehicle
 * @param wallMs corrected wall time of the step, ms since 1970-01-01 UTC
 */
export function encodeTransition(step: DeliveryTransition, vehicle: string, wallMs: number): outrider.v1.DeliveryTransition.$Properties {
  return {
    alertId: step.id,
    revision: step.revision,
    vehicle,
    state: step.state,
    stage: step.stage,
    dropReason: step.dropReason,
    timeMs: wallMs,
    recovered: step.recovered,
    alreadyHeld: step.alreadyHeld,
    // From one clock reading, so that a correction of the wall clock in between does not change how long the way took.
    ...(step.sentAtMs === undefined ? {} : { sentTimeMs: wallMs - (step.atMs - step.sentAtMs) }),
    ...(step.vehicleTimeMs === undefined ? {} : { vehicleTimeMs: step.vehicleTimeMs }),
    ...(step.movedTo === undefined ? {} : { movedTo: step.movedTo }),
    ...(step.timeToHazardMs === undefined ? {} : { timeToHazardMs: Math.round(step.timeToHazardMs) }),
    ...(step.distanceM === undefined ? {} : { distanceM: Math.round(step.distanceM) }),
    ...(step.reached ? { reachedTimeMs: wallMs } : {}),
  }
}
