// The words of causes' defaults and of the command line, as the wire's numbers.
import { outrider } from '../gen/outrider.js'

const { Priority, TrafficDirection } = outrider.v1

/** Whose traffic, seen from the reference heading (DENM awarenessTrafficDirection). */
export const trafficDirections = {
  all: TrafficDirection.TRAFFIC_DIRECTION_ALL,
  upstream: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
  downstream: TrafficDirection.TRAFFIC_DIRECTION_DOWNSTREAM,
  opposite: TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE,
} as const

export const priorities = {
  information: Priority.PRIORITY_INFORMATION,
  warning: Priority.PRIORITY_WARNING,
  imminent: Priority.PRIORITY_IMMINENT,
} as const
