import type { Arm, Figures } from './scenario.js'
import { startWorker } from './worker.js'

/** An arm whose worker measures itself: each run is a new process that answers `run` with its figures. */
export function createWorkerArm(name: string, module: URL, options: unknown, load: unknown): Arm {
  return {
    name,
    async run() {
      const worker = startWorker(module, options)
      try {
        return await worker.ask<Figures>('run', load)
      } finally {
        await worker.stop()
      }
    },
  }
}
