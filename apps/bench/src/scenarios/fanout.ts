import { alertBytes } from '../bare/payload.js'
import { createLatencies } from '../latencies.js'
import { sharedNowMs } from '../pace.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { openPeers, serverFrameBytes } from '../web-socket-peer.js'
import { startWorker, type Usage } from '../worker.js'

export const fanout: Scenario = {
  name: 'fanout',
  about: 'one alert of 250 bytes to every socket: the bare uWebSockets.js send loop beside ws, timed at the receiving sockets',
  figures: {
    p50: { unit: 'ms', better: 'less' },
    p99: { unit: 'ms', better: 'less' },
    last: { unit: 'ms', better: 'less' },
    cpuPerPush: { unit: 'µs', better: 'less' },
  },
  load: { durationS: 3, vehicles: 1000, rate: 10 },
  async open(load) {
    return {
      arms: [createArm('uWebSockets.js', '../bare/uws-server.js', load), createArm('ws', '../bare/ws-server.js', load)],
      close: async () => undefined,
    }
  },
}

/** A push that has not reached every socket after this is lost, and the run is void. */
const pushMsMax = 10_000

function createArm(name: string, module: string, { durationS, vehicles, rate }: Load): Arm {
  return {
    name,
    async run() {
      const server = startWorker(new URL(module, import.meta.url), { vehicles })
      try {
        const peers = await openPeers(await server.ask<number>('listen'), vehicles)
        const frameBytes = serverFrameBytes(alertBytes)
        let arrivalsMs: number[] = []
        let allArrived = () => {}
        for (const peer of peers) {
          let pending = 0
          peer.onBytes = bytes => {
            pending += bytes.length
            if (pending < frameBytes) return
            pending -= frameBytes
            if (arrivalsMs.push(sharedNowMs()) === vehicles) allArrived()
          }
        }

        const latencies = createLatencies()
        const lastMs: number[] = []
        const pushOnce = async () => {
          arrivalsMs = []
          const arrived = new Promise<void>((resolve, reject) => {
            const late = setTimeout(
              () => reject(new Error(`${vehicles - arrivalsMs.length} of ${vehicles} sockets got no alert`)),
              pushMsMax,
            )
            allArrived = () => {
              clearTimeout(late)
              resolve()
            }
          })
          const { startedMs, notSent } = await server.ask<{ startedMs: number; notSent: number }>('push')
          await arrived
          if (notSent > 0) throw new Error(`${notSent} sends reported backpressure or a drop`)
          return arrivalsMs.map(atMs => atMs - startedMs)
        }

        for (let i = 0; i < 5; i++) await pushOnce()
        const before = await server.ask<Usage>('usage')
        const pushes = Math.max(1, Math.round(durationS * rate))
        for (let i = 0; i < pushes; i++) {
          const latenciesMs = await pushOnce()
          lastMs.push(Math.max(...latenciesMs))
          for (const ms of latenciesMs) latencies.record(ms)
        }
        const after = await server.ask<Usage>('usage')
        for (const peer of peers) peer.close()
        return {
          p50: latencies.percentile(50),
          p99: latencies.percentile(99),
          last: lastMs.sort((a, b) => a - b)[Math.floor(lastMs.length / 2)]!,
          cpuPerPush: (after.cpuMicros - before.cpuMicros) / (pushes * vehicles),
        }
      } finally {
        await server.stop()
      }
    },
  }
}
