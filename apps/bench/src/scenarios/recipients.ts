import type { Scenario } from '../scenario.js'
import { createWorkerArm } from '../worker-arm.js'

export const recipients: Scenario = {
  name: 'recipients',
  about: 'which of 100,000 vehicles in 20 by 20 km are in a circle, CPU: every one of them measured, and the grid with its exact test',
  figures: {
    across1km: { unit: 'µs', better: 'less' },
    across2km: { unit: 'µs', better: 'less' },
  },
  load: { durationS: 1, vehicles: 100_000, rate: 1 },
  async open({ durationS }) {
    const module = new URL('../recipients-worker.js', import.meta.url)
    const arm = (method: 'scan' | 'grid') => createWorkerArm(method, module, { method }, { durationS })
    return { arms: [arm('scan'), arm('grid')], close: async () => undefined }
  },
}
