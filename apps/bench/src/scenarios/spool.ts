import type { Arm, Figures, Load, Scenario } from '../scenario.js'
import { startWorker } from '../worker.js'

export const spool: Scenario = {
  name: 'spool',
  about:
    'records of 200 bytes made durable by group fsync: a bare file beside the spool, 200 in flight, and an open loop from append to disk',
  figures: {
    recordsPerS: { unit: 'records/s', better: 'more' },
    cpuPerRecord: { unit: 'µs', better: 'less' },
    durableP50: { unit: 'ms', better: 'less' },
    durableP99: { unit: 'ms', better: 'less' },
  },
  load: { durationS: 2, vehicles: 1, rate: 20_000 },
  async open(load) {
    return {
      arms: [createArm('file', '../bare/file-worker.js', load), createArm('spool', '../spool-worker.js', load)],
      close: async () => undefined,
    }
  },
}

function createArm(name: string, module: string, { durationS, rate }: Load): Arm {
  return {
    name,
    async run() {
      const worker = startWorker(new URL(module, import.meta.url), {})
      try {
        return await worker.ask<Figures>('run', { durationS, rate })
      } finally {
        await worker.stop()
      }
    },
  }
}
