import type { FenceMethod } from '../fence-worker.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { startWorker } from '../worker.js'

export const geofence: Scenario = {
  name: 'geofence',
  about:
    'in which of 1,000 or 10,000 polygons of 30 corners a vehicle is, CPU of a position: a scan of their boxes, the index asked by vehicles in turn and by one that drives on, and what a report at the zone costs more with that many alerts than with none',
  figures: {
    with1000: { unit: 'ns', better: 'less' },
    with10000: { unit: 'ns', better: 'less' },
  },
  load: { durationS: 1, vehicles: 1_000, rate: 1 },
  async open(load) {
    return {
      arms: [createArm('boxes', load), createArm('index', load), createArm('driving', load), createArm('zone', load)],
      close: async () => undefined,
    }
  },
}

function createArm(method: FenceMethod, { durationS }: Load): Arm {
  const run = async (fences: number) => {
    const worker = startWorker(new URL('../fence-worker.js', import.meta.url), { method, fences })
    try {
      return await worker.ask<number>('run', { durationS })
    } finally {
      await worker.stop()
    }
  }
  return {
    name: method,
    async run() {
      return { with1000: await run(1_000), with10000: await run(10_000) }
    },
  }
}
