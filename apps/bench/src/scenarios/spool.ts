import type { Scenario } from '../scenario.js'
import { createWorkerArm } from '../worker-arm.js'

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
  async open({ durationS, rate }) {
    return {
      arms: [
        createWorkerArm('file', new URL('../bare/file-worker.js', import.meta.url), {}, { durationS, rate }),
        createWorkerArm('spool', new URL('../spool-worker.js', import.meta.url), {}, { durationS, rate }),
      ],
      close: async () => undefined,
    }
  },
}
