import { flagBits } from '../traffic-sample.js'
import type { Random } from './random.js'
import type { RoadGraph } from './road-graph.js'
import { ticksPerS, type World } from './world.js'

const stopShare = 0.2

/** Draws the streets that have a bus stop: street → metres from the start of its right lane. */
export function placeBusStops(graph: RoadGraph, random: Random): Map<number, number> {
  const stops = new Map<number, number>()
  for (const [street, { kind }] of graph.streets.entries()) {
    if (kind !== 'ring' && random.chance(stopShare)) stops.set(street, graph.lanes[graph.lanesOfStreet[street]![0]!]!.lengthM * 0.55)
  }
  return stops
}

/** Buses at their stop open the doors, wait, close them and go on: an ordinary stop, and no hazard. */
export function serveBusStops(world: World, random: Random) {
  for (const vehicle of world.vehicles) {
    if (vehicle.stopAtM === Number.NEGATIVE_INFINITY) continue
    const isThere = vehicle.speedMps === 0 && Math.abs(vehicle.stopAtM - vehicle.sM) < 3
    if (vehicle.stopUntilTick < 0 && isThere) {
      vehicle.stopUntilTick = world.tick + random.whole(12 * ticksPerS, 35 * ticksPerS)
      vehicle.flags |= flagBits.doors_open
    } else if (vehicle.stopUntilTick >= 0 && world.tick >= vehicle.stopUntilTick) {
      vehicle.stopUntilTick = -1
      vehicle.stopAtM = Number.NEGATIVE_INFINITY
      vehicle.flags &= ~flagBits.doors_open
    }
  }
}
