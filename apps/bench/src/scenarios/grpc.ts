import { type BareLink, openStream, openUnary } from '../bare/grpc-loop.js'
import { createLatencies } from '../latencies.js'
import { lateMsAllowed, pace, sharedNowMs } from '../pace.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { startWorker, type Usage } from '../worker.js'

export const grpc: Scenario = {
  name: 'grpc',
  about: 'bare grpc-js on loopback: messages of 200 bytes and their answers over one long stream, beside a unary call for each',
  figures: {
    p50: { unit: 'ms', better: 'less' },
    p99: { unit: 'ms', better: 'less' },
    cpuPerMessage: { unit: 'µs', better: 'less' },
  },
  load: { durationS: 3, vehicles: 1, rate: 1000 },
  async open(load) {
    return { arms: [createArm('stream', openStream, load), createArm('unary', openUnary, load)], close: async () => undefined }
  },
}

const messageBytes = 200
/** Answers outstanding at the end are waited for this long. */
const drainMsMax = 10_000

function createArm(name: string, open: (port: number) => BareLink, { durationS, rate }: Load): Arm {
  return {
    name,
    async run() {
      const server = startWorker(new URL('../bare/grpc-server.js', import.meta.url), {})
      const link = open(await server.ask<number>('listen'))
      try {
        const latencies = createLatencies()
        const offer = async (seconds: number, onLatencyMs: (ms: number) => void) => {
          let answered = 0
          let failed: Error | undefined
          let onEach = () => {}
          const paced = await pace(rate, seconds, () => {
            const sentMs = sharedNowMs()
            link.send(Buffer.alloc(messageBytes, 1), error => {
              answered++
              failed ??= error
              onLatencyMs(sharedNowMs() - sentMs)
              onEach()
            })
          })
          await new Promise<void>((resolve, reject) => {
            const late = setTimeout(() => reject(new Error(`${paced.sent - answered} messages were not answered`)), drainMsMax)
            onEach = () => {
              if (answered < paced.sent) return
              clearTimeout(late)
              resolve()
            }
            onEach()
          })
          if (failed !== undefined) throw failed
          return paced
        }
        await offer(Math.min(1, durationS), () => {})
        const before = await server.ask<Usage>('usage')
        const { sent, lateMsMax } = await offer(durationS, ms => latencies.record(ms))
        const after = await server.ask<Usage>('usage')
        if (lateMsMax > lateMsAllowed)
          process.stderr.write(`bench: the generator was ${Math.round(lateMsMax)} ms late at ${name}: lower --rate\n`)
        return {
          p50: latencies.percentile(50),
          p99: latencies.percentile(99),
          cpuPerMessage: (after.cpuMicros - before.cpuMicros) / sent,
        }
      } finally {
        link.close()
        await server.stop()
      }
    },
  }
}
