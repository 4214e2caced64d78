// The city in real time: every 100 ms it goes on, and what its vehicles measured in that tick is handed to them spread over the next one,
// since real vehicles do not report all at once. Each sample keeps the time it was measured.
import type { City, TrafficSample } from '@outrider/traffic'
import type { Fleet } from './fleet.js'

export interface CityDrive {
  start(): void
  /** No more samples. */
  stop(): void
  /** How far the city was behind the clock at most, ms: a machine that is too slow shows here. */
  readonly behindMsMax: number
  /** Times the city was stopped for longer than it may catch up, and went on from where it stood. */
  readonly pauses: number
}

export interface CityDriveOptions {
  readonly city: City
  readonly fleet: Fleet
}

const tickMs = 100
/** How often samples that are due are handed over: at most 1/20 of a tick's go at once. */
const spreadMs = 5
/** Behind by more the city does not catch up: vehicles would report minutes in a burst. For them, time has stood still. */
const catchUpMsMax = 3_000

interface DueSample {
  readonly sample: TrafficSample
  readonly measuredAtMs: number
  readonly dueAtMs: number
}

export function createCityDrive({ city, fleet }: CityDriveOptions): CityDrive {
  let beganAtMs = 0
  let behindMsMax = 0
  let pauses = 0
  let timers: NodeJS.Timeout[] = []
  /** In order of `dueAtMs`; a tick's worth, or a few after a stall. */
  let due: DueSample[] = []

  function tick(): void {
    const nowMs = performance.now()
    let behindMs = nowMs - beganAtMs - city.timeS * 1_000
    behindMsMax = Math.max(behindMsMax, behindMs - tickMs)
    if (behindMs > catchUpMsMax) {
      pauses++
      beganAtMs += behindMs - tickMs
      behindMs = tickMs
    }
    if (behindMs <= 0) return
    askIntervals()
    const samples = city.step(behindMs / 1_000)
    due.push(
      ...samples.map((sample, index) => ({
        sample,
        measuredAtMs: beganAtMs + sample.timeS * 1_000,
        dueAtMs: nowMs + (index * tickMs) / samples.length,
      })),
    )
    followFleet(samples)
  }

  /** What zones have asked for meanwhile: looked at once a tick, so that a shorter interval counts at once. */
  function askIntervals(): void {
    for (const id of fleet.ids()) {
      const intervalMs = fleet.get(id)?.vehicle.intervalMs
      if (intervalMs === undefined || asked.get(id) === intervalMs) continue
      asked.set(id, intervalMs)
      city.askInterval(id, intervalMs / 1_000)
    }
  }
  /** The interval each vehicle of the city was last asked for. */
  const asked = new Map<string, number>()

  /** One that was towed away has gone, and another has come. */
  function followFleet(samples: readonly TrafficSample[]): void {
    for (const sample of samples) if (!fleet.has(sample.vehicleId)) fleet.add(sample)
    const there = new Set(city.vehicleIds())
    if (there.size === fleet.size) return
    for (const id of [...fleet.ids()]) {
      if (there.has(id)) continue
      fleet.remove(id)
      asked.delete(id)
    }
  }

  function handOver(): void {
    const nowMs = performance.now()
    let handed = 0
    for (; handed < due.length && due[handed]!.dueAtMs <= nowMs; handed++) {
      const { sample, measuredAtMs } = due[handed]!
      fleet.report(sample, Date.now() - (nowMs - measuredAtMs))
    }
    if (handed > 0) due = due.slice(handed)
  }

  return {
    start() {
      beganAtMs = performance.now() - city.timeS * 1_000
      timers = [setInterval(tick, tickMs), setInterval(handOver, spreadMs)]
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
      due = []
    },
    get behindMsMax() {
      return Math.round(behindMsMax)
    },
    get pauses() {
      return pauses
    },
  }
}
