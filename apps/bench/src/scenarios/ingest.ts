import { setTimeout as delay } from 'node:timers/promises'
import { makeReport } from '../bare/payload.js'
import type { CrowdOptions } from '../crowd.js'
import { startEdgeProcess } from '../edge-process.js'
import { lateMsAllowed, pace } from '../pace.js'
import type { Arm, Load, Scenario } from '../scenario.js'
import { maskedFrame, openPeers } from '../web-socket-peer.js'
import { startWorker, type Usage } from '../worker.js'

export const ingest: Scenario = {
  name: 'ingest',
  about:
    'CPU of a WebSocket server per 80-byte report: bare uWebSockets.js beside ws, each decoding three numbers and storing them, and the edge process with all it does',
  figures: {
    cpuPerReport: { unit: 'µs', better: 'less' },
    memoryPerSocket: { unit: 'KiB', better: 'less' },
  },
  load: { durationS: 3, vehicles: 2_000, rate: 20_000 },
  async open(load) {
    return {
      arms: [
        createArm('uWebSockets.js', '../bare/uws-server.js', load),
        createArm('ws', '../bare/ws-server.js', load),
        { name: 'edge', run: () => runEdge(load) },
      ],
      close: async () => undefined,
    }
  },
}

/** How long everything sent may take to be received once the load stops; 10 s is a hundred times what it takes. */
const drainMsMax = 10_000

function createArm(name: string, module: string, { durationS, vehicles, rate }: Load): Arm {
  return {
    name,
    async run() {
      const server = startWorker(new URL(module, import.meta.url), { vehicles })
      try {
        const port = await server.ask<number>('listen')
        const idle = await server.ask<Usage>('usage')
        const peers = await openPeers(port, vehicles)
        const connected = await server.ask<Usage>('usage')
        const frames = peers.map((_, vehicle) => maskedFrame(makeReport(vehicle), 0x5a17c3e9 + vehicle))
        const send = (index: number) => peers[index % vehicles]!.write(frames[index % vehicles]!)

        const warm = await pace(rate, Math.min(1, durationS), send)
        await drained(() => server.ask<number>('received'), warm.sent)
        const before = await server.ask<Usage>('usage')
        const timed = await pace(rate, durationS, send)
        await drained(() => server.ask<number>('received'), warm.sent + timed.sent)
        const after = await server.ask<Usage>('usage')

        for (const peer of peers) peer.close()
        if (timed.lateMsMax > lateMsAllowed)
          process.stderr.write(
            `bench: the generator was ${Math.round(timed.lateMsMax)} ms late at ${name}: it, not the server, is the limit; lower --rate\n`,
          )
        return {
          cpuPerReport: (after.cpuMicros - before.cpuMicros) / timed.sent,
          memoryPerSocket: (connected.rssBytes - idle.rssBytes) / 1024 / vehicles,
        }
      } finally {
        await server.stop()
      }
    },
  }
}

/** Ten reports a second of a vehicle are within its limit at the node; with more of them each reports less often. */
const reportEveryMsMin = 100

async function runEdge({ durationS, vehicles, rate }: Load) {
  const place = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
  const edge = await startEdgeProcess(place.latitudeE7, place.longitudeE7)
  const reportEveryMs = Math.max(reportEveryMsMin, (vehicles * 1_000) / rate)
  const options: CrowdOptions = { port: edge.port, ...place, spacingM: 30, reportEveryMs, beatMs: 1 }
  const crowd = startWorker(new URL('../crowd-worker.js', import.meta.url), options)
  try {
    await crowd.ask(
      'join',
      Array.from({ length: vehicles }, (_, index) => `vehicle-${index}.of.bench`),
    )
    await delay(1_000)
    const before = [edge.cpuMicros(), await edge.reportsAccepted()] as const
    await delay(durationS * 1_000)
    const after = [edge.cpuMicros(), await edge.reportsAccepted()] as const
    const reports = after[1] - before[1]
    const offered = (durationS * 1_000 * vehicles) / reportEveryMs
    if (reports < offered / 2)
      process.stderr.write(
        `bench: the edge took ${reports} of some ${Math.round(offered)} reports: it sheds, or the generator is the limit; lower --rate\n`,
      )
    return { cpuPerReport: (after[0] - before[0]) / reports }
  } finally {
    await crowd.stop()
    await edge.stop()
  }
}

async function drained(received: () => Promise<number>, sent: number) {
  const deadlineMs = performance.now() + drainMsMax
  for (let last = await received(); last < sent; last = await received()) {
    if (performance.now() > deadlineMs)
      throw new Error(`${sent - last} of ${sent} reports were not received ${drainMsMax / 1000} s after the load stopped`)
    await delay(5)
  }
}
