// What lies, runs or freezes on a road: told by drivers who pass, or sensed by the wheels.
import { flagBits } from '../traffic-sample.js'
import type { Scene, SceneTruth, Stage } from './scene.js'
import type { Vehicle } from './vehicle.js'
import { headingOf, type Stretch, timeOf, type World } from './world.js'

/** Drivers slow down for it; more than half of them say so, once each. Must be found once two have. */
function seenByDrivers(cause: number, subCause: number): Scene {
  return {
    isHazard: true,
    begin: stage => {
      const { world, random } = stage
      const place = drawPlace(stage, { lengthM: 30, limitShare: 0.5 })
      const untilS = timeOf(world.tick) + random.between(150, 300)
      const asked = new Set<Vehicle>()
      const tellers: string[] = []
      const base = truthOf(world, place, { cause, subCause, radiusM: 40 })
      let toS = Number.POSITIVE_INFINITY
      world.stretches.set(place.street, place)
      return {
        truth: () => ({ ...base, toS, kind: tellers.length >= 2 ? 'must' : 'may', vehicleIds: [...tellers] }),
        step: () => {
          const middleM = (place.fromM + place.toM) / 2
          for (const vehicle of vehiclesOn(world, place.street, middleM - 70, middleM - 15)) {
            if (asked.has(vehicle)) continue
            asked.add(vehicle)
            if (!random.chance(0.6)) continue
            vehicle.report = { cause, subCause, aheadM: Math.round(middleM - vehicle.sM) }
            tellers.push(vehicle.id)
          }
          if (timeOf(world.tick) < untilS) return true
          toS = untilS
          world.stretches.delete(place.street)
          return false
        },
      }
    },
  }
}

export const obstacleReported = seenByDrivers(10, 1)
export const animalReported = seenByDrivers(11, 1)

/** Ice on both lanes of one direction: condition sensors measure it, stability control and anti-lock brakes act now and then. */
export const slipperyPatch: Scene = {
  isHazard: true,
  begin: stage => {
    const { world, random } = stage
    const place = drawPlace(stage, { lengthM: 60, limitShare: 0.75, friction: random.between(0.1, 0.2) })
    const untilS = timeOf(world.tick) + random.between(240, 420)
    const slipping = new Map<Vehicle, number>()
    let truth: SceneTruth = { ...truthOf(world, place, { cause: 6, subCause: 5, radiusM: 50 }), vehicleIds: [] }
    world.stretches.set(place.street, place)

    function slip() {
      const here = new Set(vehiclesOn(world, place.street, place.fromM, place.toM))
      for (const vehicle of here) {
        if (slipping.has(vehicle)) continue
        const flag = random.chance(0.4) ? (vehicle.accelMps2 < -0.5 ? flagBits.abs : flagBits.esc) : 0
        slipping.set(vehicle, flag)
        vehicle.flags |= flag
      }
      for (const [vehicle, flag] of slipping) {
        if (here.has(vehicle)) continue
        vehicle.flags &= ~flag
        slipping.delete(vehicle)
      }
    }

    return {
      truth: () => truth,
      step: () => {
        slip()
        if (timeOf(world.tick) < untilS) return true
        for (const [vehicle, flag] of slipping) vehicle.flags &= ~flag
        world.stretches.delete(place.street)
        truth = { ...truth, toS: untilS }
        return false
      },
    }
  },
}

/** A stretch in the middle third of a street that has none yet. */
function drawPlace({ world, random }: Stage, how: { lengthM: number; limitShare: number; friction?: number }): Stretch {
  const free = world.graph.streets.map((_, street) => street).filter(street => !world.stretches.has(street))
  // Where there is traffic: on an empty street nobody is in danger and nobody tells.
  const busy = free.filter(street => world.graph.lanesOfStreet[street]!.some(lane => world.onLane[lane]!.length > 0))
  const street = random.pick(busy.length > 0 ? busy : free)
  const { lengthM } = world.graph.lanes[world.graph.lanesOfStreet[street]![0]!]!
  const middleM = lengthM * random.between(0.45, 0.6)
  const { limitShare, friction } = how
  const stretch = { street, fromM: middleM - how.lengthM / 2, toM: middleM + how.lengthM / 2, limitShare }
  return friction === undefined ? stretch : { ...stretch, friction }
}

function truthOf(
  world: World,
  place: Stretch,
  { cause, subCause, radiusM }: { cause: number; subCause: number; radiusM: number },
): SceneTruth {
  const point = { x: 0, y: 0, dx: 0, dy: 0 }
  world.graph.lanes[world.graph.lanesOfStreet[place.street]![0]!]!.curve.pointAt((place.fromM + place.toM) / 2, point)
  return {
    kind: 'must',
    cause,
    subCause,
    lat: Math.round(world.metres.lat(point.y) * 1e7) / 1e7,
    lon: Math.round(world.metres.lon(point.x) * 1e7) / 1e7,
    radiusM,
    fromS: timeOf(world.tick),
    toS: Number.POSITIVE_INFINITY,
    headingDeg: Math.round(headingOf(point) * 10) / 10,
    vehicleIds: [],
  }
}

function vehiclesOn(world: World, street: number, fromM: number, toM: number): Vehicle[] {
  return world.graph.lanesOfStreet[street]!.flatMap(lane => world.onLane[lane]!.filter(({ sM }) => sM >= fromM && sM <= toM))
}
