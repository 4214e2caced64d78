// Vehicles that brake: as hard as tyres allow, with and without a flag; and, as a decoy, as people do every day.
import { flagBits } from '../traffic-sample.js'
import { isFollowerSafe, noTruth, pickVehicle, type Scene, type SceneTruth, truthAt } from './scene.js'
import { ticksPerS, timeOf } from './world.js'

/** From at least 36 km/h nearly to a stop, for something that nobody else sees. */
function emergencyBraking(flags: number): Scene {
  return {
    isHazard: true,
    begin: stage => {
      const { world, random } = stage
      const brakeMps2 = random.between(6.8, 7.8)
      const vehicle = pickVehicle(stage, each => each.speedMps > 10 && isFollowerSafe(world, each, brakeMps2))
      if (vehicle === undefined) return undefined
      let truth: SceneTruth = truthAt(world, vehicle, 99, 1, 60)
      const untilTick = world.tick + 8 * ticksPerS
      vehicle.forcedAccelMps2 = -brakeMps2
      vehicle.flags |= flags
      return {
        truth: () => truth,
        step: () => {
          if (vehicle.speedMps < 1.5) {
            vehicle.forcedAccelMps2 = Number.POSITIVE_INFINITY
            vehicle.flags &= ~flags
          }
          if (world.tick < untilTick) return true
          truth = { ...truth, toS: timeOf(world.tick) }
          return false
        },
      }
    },
  }
}

export const emergencyBrakingFlagged = emergencyBraking(flagBits.hard_brake | flagBits.abs)
export const emergencyBrakingSilent = emergencyBraking(0)

/** Up to 3.6 m/s² for a second and a half: what nine of ten drivers do when somebody hesitates. */
export const ordinaryBraking: Scene = {
  isHazard: false,
  begin: stage => {
    const { world, random } = stage
    const brakeMps2 = random.between(2.5, 3.6)
    const vehicle = pickVehicle(stage, each => each.speedMps > 9 && isFollowerSafe(world, each, brakeMps2))
    if (vehicle === undefined) return undefined
    const untilTick = world.tick + 1.5 * ticksPerS
    vehicle.forcedAccelMps2 = -brakeMps2
    return {
      truth: noTruth,
      step: () => {
        if (world.tick < untilTick) return true
        vehicle.forcedAccelMps2 = Number.POSITIVE_INFINITY
        return false
      },
    }
  },
}
