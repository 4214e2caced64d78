// How a vehicle drives: streets every 250 m, turns at crossings, stops now and then, and a receiver that is some metres off.
import type { Chance } from './chance.js'

const blockM = 250
/** Ordinary driving: what brakes or pulls harder is a hazard of its own. */
const accelMps2 = 2.5

interface Motion {
  eastM: number
  northM: number
  courseDeg: number
  speedMps: number
}

export interface Driver {
  readonly motion: Motion
  /** Drives on for some time. */
  drive(seconds: number): void
  /** Puts it elsewhere at once, as a ferry or a receiver that lost itself does. */
  teleport(): void
}

export function createDriver(chance: Chance, halfSideM: number): Driver {
  const blocks = Math.floor(halfSideM / blockM)
  const street = (): number => chance.whole(-blocks, blocks) * blockM
  const wanted = chance.between(7, 22)
  let stopsForS = 0
  const motion: Motion = { eastM: 0, northM: 0, courseDeg: 0, speedMps: wanted }

  function place(): void {
    const alongNorth = chance.is(0.5)
    motion.eastM = alongNorth ? street() : chance.between(-halfSideM, halfSideM)
    motion.northM = alongNorth ? chance.between(-halfSideM, halfSideM) : street()
    motion.courseDeg = (alongNorth ? 0 : 90) + (chance.is(0.5) ? 180 : 0)
  }

  /** Turns where streets meet; at the edge of the city along it, never straight back, which no vehicle does at speed. */
  function turn(wayM: number): void {
    const isNorth = motion.courseDeg % 180 === 0
    const along = isNorth ? motion.northM : motion.eastM
    const across = isNorth ? motion.eastM : motion.northM
    const sign = motion.courseDeg < 180 ? 1 : -1
    if (along * sign >= halfSideM) {
      const towardsPlus = isNorth ? 90 : 0
      motion.courseDeg = towardsPlus + (across > 0 ? 180 : 0)
      return
    }
    const crosses = Math.floor(along / blockM) !== Math.floor((along + sign * wayM) / blockM)
    if (crosses && chance.is(0.35)) motion.courseDeg = (motion.courseDeg + chance.of([90, 270])) % 360
  }

  place()
  return {
    motion,
    drive(seconds) {
      if (stopsForS > 0) stopsForS -= seconds
      else if (chance.is(0.01 * seconds)) stopsForS = chance.between(5, 40)
      const before = motion.speedMps
      const target = stopsForS > 0 ? 0 : wanted
      const step = accelMps2 * seconds
      motion.speedMps = before < target ? Math.min(target, before + step) : Math.max(target, before - step)
      const wayM = ((before + motion.speedMps) / 2) * seconds
      turn(wayM)
      const radians = (motion.courseDeg * Math.PI) / 180
      motion.eastM += Math.sin(radians) * wayM
      motion.northM += Math.cos(radians) * wayM
    },
    teleport: place,
  }
}
