// A city that drives by itself. One tick: scenes act, everyone drives, lanes are changed, buses serve their stops, receivers drift,
// and who is due reports. The same options give the same samples, byte for byte, however the time is cut into steps.
import { createLocalMetres } from '../local-metres.js'
import { TrafficError } from '../traffic-error.js'
import type { TrafficSample } from '../traffic-sample.js'
import type { TruthRow } from '../truth-row.js'
import { placeBusStops, serveBusStops } from './bus-stops.js'
import { type CityOptions, completeOptions } from './city-options.js'
import { createDirector } from './direct-scenes.js'
import { driveTick } from './drive.js'
import { createVehicle, placeVehicle } from './fleet.js'
import { changeLanes } from './lane-change.js'
import { createLights } from './lights.js'
import { createRandom } from './random.js'
import { createRoadGraph, type RoadGraph } from './road-graph.js'
import type { SceneName } from './scenes.js'
import { type Conditions, driftErrors, isDue, measure } from './sensors.js'
import { planStreets } from './street-plan.js'
import type { Vehicle } from './vehicle.js'
import { createCrossing, ticksPerS, timeOf, type World } from './world.js'

export interface City {
  /** Seconds since it began. */
  readonly timeS: number
  /**
   * Goes on by `dtS` seconds, in ticks of 0.1 s (what is left over counts with the next step), and gives the samples that fell due,
   * in order of time. Vehicles report at their interval, and at once when a flag comes on or a driver sees something.
   * Throws `TrafficError` option_invalid unless `dtS` is 0..3600.
   */
  step(dtS: number): TrafficSample[]
  /** The latest 10,000 hazards, in the order they began; `toS` of one that lasts is Infinity. */
  truth(): TruthRow[]
  /** Asks a vehicle to report every `intervalS` from now on, brought into 0.1..5 s. False if there is no such vehicle. */
  askInterval(vehicleId: string, intervalS: number): boolean
  /** Vehicles on the road now. A vehicle that was towed away is gone, and another came. */
  vehicleIds(): string[]
  /** Begins a scene now; its id, which is its truth's if it is a hazard, or undefined if there is no fit place for it at the moment: try later. */
  stage(scene: SceneName): string | undefined
}

/** How often receivers' errors move on, in ticks: they drift over minutes. */
const driftTicks = 5

/** Throws `TrafficError` option_invalid. */
export function createCity(options: CityOptions): City {
  const { world, step, ...city } = buildCity(options)
  return {
    get timeS() {
      return timeOf(world.tick)
    },
    step,
    ...city,
  }
}

/** The city with its inside, for this package's own tests. */
export function buildCity(partial: CityOptions) {
  const options = completeOptions(partial)
  const random = createRandom(options.seed)
  const world = buildWorld(options, random)
  const [fleetRandom, sceneRandom, sensorRandom, busRandom] = [random.fork(), random.fork(), random.fork(), random.fork()]
  const byId = new Map<string, Vehicle>()
  let numbered = 0
  for (let count = 0; count < options.vehicles; count++) add(world.vehicles.length)
  const director = createDirector({ world, random: sceneRandom, replace }, options)
  let owedS = 0

  /** A city that is full takes no more: there are fewer vehicles then than asked for, which the default `size` rules out. */
  function add(at: number) {
    const vehicle = createVehicle(`v${++numbered}`, world, options, fleetRandom)
    if (!placeVehicle(world, vehicle, fleetRandom)) return void world.vehicles.splice(at, 1)
    world.vehicles[at] = vehicle
    byId.set(vehicle.id, vehicle)
  }

  function replace(vehicle: Vehicle) {
    const list = world.onLane[vehicle.lane]!
    list.splice(list.indexOf(vehicle), 1)
    byId.delete(vehicle.id)
    add(world.vehicles.indexOf(vehicle))
  }

  function tick(samples: TrafficSample[]) {
    world.tick++
    director.step()
    driveTick(world)
    changeLanes(world)
    serveBusStops(world, busRandom)
    if (world.tick % driftTicks === 0) driftErrors(world, sensorRandom, driftTicks)
    for (const vehicle of world.vehicles) {
      if (!isDue(world, vehicle)) continue
      samples.push(measure(world, vehicle, conditionsAt(world, vehicle), sensorRandom))
      vehicle.report = undefined
      vehicle.sensors.toldFlags = vehicle.flags
      vehicle.sensors.dueTick = world.tick + vehicle.sensors.intervalTicks
    }
  }

  function step(dtS: number): TrafficSample[] {
    if (!(dtS >= 0 && dtS <= 3600)) throw new TrafficError('option_invalid', `dtS is ${dtS}; must be 0 to 3600 seconds`)
    const samples: TrafficSample[] = []
    owedS += dtS
    // A hair's breadth, so that ten times 0.1 s are a second.
    for (; owedS * ticksPerS >= 1 - 1e-9; owedS -= 1 / ticksPerS) tick(samples)
    return samples
  }

  function askInterval(vehicleId: string, intervalS: number): boolean {
    if (Number.isNaN(intervalS)) throw new TrafficError('option_invalid', 'intervalS is NaN; must be 0.1 to 5 seconds')
    const vehicle = byId.get(vehicleId)
    if (vehicle === undefined) return false
    const ticks = Math.min(Math.max(Math.round(intervalS * ticksPerS), 1), 5 * ticksPerS)
    vehicle.sensors.intervalTicks = ticks
    vehicle.sensors.dueTick = Math.min(vehicle.sensors.dueTick, world.tick + ticks)
    return true
  }

  return { world, step, askInterval, truth: director.truth, stage: director.stage, vehicleIds: () => [...byId.keys()] }
}

function buildWorld(options: Required<CityOptions>, random: ReturnType<typeof createRandom>): World {
  const graph: RoadGraph = createRoadGraph(planStreets(options.size, random.fork()))
  return {
    graph,
    lights: createLights(graph, random.fork()),
    metres: createLocalMetres({ lat: options.originLat, lon: options.originLon }),
    random: random.fork(),
    vehicles: [],
    onLane: graph.lanes.map(() => []),
    busStops: placeBusStops(graph, random.fork()),
    stretches: new Map(),
    crossing: createCrossing(graph),
    tick: 0,
  }
}

function conditionsAt(world: World, vehicle: Vehicle): Conditions {
  const lane = world.graph.lanes[vehicle.lane]!
  const stretch = lane.kind === 'street' ? world.stretches.get(lane.street) : undefined
  if (stretch?.friction !== undefined && vehicle.sM >= stretch.fromM && vehicle.sM <= stretch.toM) {
    return { friction: stretch.friction, airTempC: -1, roadSurface: 'ICE' }
  }
  return { friction: 0.8, airTempC: 1.5, roadSurface: 'DRY' }
}
