import type { StreetLane } from './road-graph.js'
import type { Vehicle } from './vehicle.js'
import { turnOf, type World } from './world.js'

const streetWeights = { ring: 1.6, avenue: 1.4, street: 1 }
const directionWeights = { straight: 2, left: 1, right: 1.2 }

/** On entering a street: where to next, and is there a bus stop to serve. Routes have no end. */
export function planTurn(world: World, vehicle: Vehicle) {
  const lane = world.graph.lanes[vehicle.lane] as StreetLane
  const ways = world.graph.lanesOfStreet[lane.street]!.flatMap(index =>
    (world.graph.lanes[index] as StreetLane).turns.map(turn => turnOf(world, turn)),
  )
  const weights = ways.map(way => directionWeights[way.direction] * streetWeights[world.graph.streets[way.toStreet]!.kind])
  let drawn = world.random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  let chosen = 0
  while (chosen < ways.length - 1 && drawn >= weights[chosen]!) drawn -= weights[chosen++]!
  vehicle.wantedStreet = ways[chosen]!.toStreet
  takeTurn(world, vehicle, lane)
  const stopM = world.busStops.get(lane.street)
  const isServed = vehicle.role === 'public_transport' && stopM !== undefined && lane.number === 0 && vehicle.sM < stopM - 40
  vehicle.stopAtM = isServed ? stopM : Number.NEGATIVE_INFINITY
}

/** Of the lane's turns the one to the wanted street, else the first: being in the wrong lane changes the route, it stops nobody. */
export function takeTurn(world: World, vehicle: Vehicle, lane: StreetLane) {
  vehicle.turn = lane.turns.find(turn => turnOf(world, turn).toStreet === vehicle.wantedStreet) ?? lane.turns[0]!
}

export function leadsToWanted(world: World, vehicle: Vehicle, lane: StreetLane): boolean {
  return lane.turns.some(turn => turnOf(world, turn).toStreet === vehicle.wantedStreet)
}
