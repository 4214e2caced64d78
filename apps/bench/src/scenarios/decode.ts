import type { Arm, Load, Scenario } from '../scenario.js'
import { startWorker } from '../worker.js'

export const decode: Scenario = {
  name: 'decode',
  about: "reports from bytes to numbers on one core: protobufjs's generated decoder beside the hot decode, one and ten samples a report",
  figures: {
    perReport: { unit: 'ns', better: 'less' },
    perReportOfTen: { unit: 'ns', better: 'less' },
    reportsPerS: { unit: 'reports/s', better: 'more' },
  },
  load: { durationS: 1, vehicles: 1, rate: 1 },
  async open(load) {
    return { arms: [createArm('generated', load), createArm('hot', load)], close: async () => undefined }
  },
}

function createArm(decoder: 'generated' | 'hot', { durationS }: Load): Arm {
  const run = async (samples: number) => {
    const worker = startWorker(new URL('../decode-worker.js', import.meta.url), { decoder, samples })
    try {
      return await worker.ask<{ perReport: number; reportsPerS: number }>('run', { durationS })
    } finally {
      await worker.stop()
    }
  }
  return {
    name: decoder,
    async run() {
      const one = await run(1)
      const ten = await run(10)
      return { ...one, perReportOfTen: ten.perReport }
    },
  }
}
