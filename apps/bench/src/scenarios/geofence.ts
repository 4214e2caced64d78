import type { FenceMethod } from '../fence-worker.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { startWorker } from '../worker.js'

export const geofence: Scenario = {
  name: 'geofence',
  about:
    'in which of 10,000 polygons of 30 corners (as many as --vehicles) or a tenth of them a vehicle is, CPU of a position: a scan of their boxes, the index asked by vehicles in turn and by one that drives on, and what a report at the zone costs more with that many alerts than with none',
  figures: {
    amongTenth: { unit: 'ns', better: 'less' },
    amongAll: { unit: 'ns', better: 'less' },
  },
  load: { durationS: 1, vehicles: 10_000, rate: 1 },
  async open(load) {
    return {
      arms: [createArm('boxes', load), createArm('index', load), createArm('driving', load), createArm('zone', load)],
      close: async () => undefined,
    }
  },
}

function createArm(method: FenceMethod, { durationS, vehicles }: Load): Arm {
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
      return { amongTenth: await run(Math.ceil(vehicles / 10)), amongAll: await run(vehicles) }
    },
  }
}
