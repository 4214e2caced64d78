import { outrider } from '../gen/outrider.js'

/** The two logs of a node and the uplink streams that drain them, by the numbers of the wire. Urgent never waits for telemetry. */
export const lanes = { urgent: outrider.v1.Lane.LANE_URGENT, telemetry: outrider.v1.Lane.LANE_TELEMETRY } as const

export type LaneName = keyof typeof lanes
