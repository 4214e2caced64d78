import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdOptions } from '../crowd.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { startWorker, type Worker } from '../worker.js'
import type { Push, ZoneServerOptions } from '../zone-server.js'

export const warnAll: Scenario = {
  name: 'warn-all',
  about:
    'an alert from the decision to the last write: a bare send loop beside the zone (match, order, ledger, records) over the same sockets of vehicles that report and acknowledge',
  figures: {
    cpuPerRecipient: { unit: 'µs', better: 'less' },
    all: { unit: 'ms', better: 'less' },
    tenth: { unit: 'ms', better: 'less' },
  },
  load: { durationS: 5, vehicles: 10_000, rate: 1 },
  async open({ vehicles, durationS }) {
    const place = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
    const serverOptions: ZoneServerOptions = { vehicles, ...place, hazardNorthM: 5_500 }
    const server = startWorker(new URL('../zone-server.js', import.meta.url), serverOptions)
    const crowdOptions: CrowdOptions = {
      port: await server.ask<number>('listen'),
      ...place,
      spacingM: 40,
      reportEveryMs: 4_000,
      beatMs: 50,
    }
    const crowd = startWorker(new URL('../crowd-worker.js', import.meta.url), crowdOptions)
    const both: Both = { server, crowd, pushes: Math.max(1, Math.round(durationS)), vehicles }
    try {
      await crowd.ask(
        'join',
        Array.from({ length: vehicles }, (_, index) => `vehicle-${index}`),
      )
    } catch (error) {
      await close(both)
      throw error
    }
    return { arms: [createArm('bare loop', 'pushBare', both), createArm('zone', 'pushZone', both)], close: () => close(both) }
  },
}

interface Both extends Pick<Load, 'vehicles'> {
  readonly server: Worker
  readonly crowd: Worker
  readonly pushes: number
}

/** Acknowledgements that are not there after this will not come, and the run is void. */
const acknowledgedMsMax = 60_000
/** Records of one push are on disk, and reports of meanwhile read, before the next. */
const restMs = 300

function createArm(name: string, command: 'pushBare' | 'pushZone', both: Both): Arm {
  const { server, pushes, vehicles } = both
  return {
    name,
    async run() {
      const results: Push[] = []
      for (let push = 0; push < pushes; push++) {
        const result = await server.ask<Push>(command)
        if (result.sends < vehicles) throw new Error(`${result.sends} of ${vehicles} vehicles were written to`)
        results.push(result)
        if (command === 'pushZone') await over(both)
        await delay(restMs)
      }
      const middle = (figure: keyof Push) => results.map(result => result[figure]).sort((a, b) => a - b)[Math.floor(pushes / 2)]!
      return { cpuPerRecipient: middle('cpuMicros') / vehicles, all: middle('allMs'), tenth: middle('tenthMs') }
    },
  }
}

async function over({ server, vehicles }: Both): Promise<void> {
  const deadlineMs = performance.now() + acknowledgedMsMax
  for (let last = 0; last < vehicles; last = await server.ask<number>('acknowledged')) {
    if (performance.now() > deadlineMs) throw new Error(`${vehicles - last} of ${vehicles} vehicles did not acknowledge`)
    await delay(20)
  }
  await server.ask('end')
}

async function close({ server, crowd }: Both): Promise<void> {
  await crowd.stop()
  await server.stop()
}
