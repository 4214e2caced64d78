import { setTimeout as delay } from 'node:timers/promises'
import type { CrowdOptions } from '../crowd.js'
import { startEdgeProcess } from '../edge-process.js'
import type { Arm, Figures, Load, Scenario } from '../scenario.js'
import { openPeers } from '../web-socket-peer.js'
import { startWorker, type Usage } from '../worker.js'

export const connected: Scenario = {
  name: 'connected',
  about:
    'resident memory of a vehicle that is connected: a bare uWebSockets.js server beside the edge process, where each has greeted and reports',
  figures: {
    memoryPerVehicle: { unit: 'KiB', better: 'less' },
    memory: { unit: 'MiB', better: 'less' },
  },
  load: { durationS: 10, vehicles: 5_000, rate: 1 },
  async open(load) {
    return {
      arms: [
        { name: 'uWebSockets.js', run: () => runBare(load) },
        { name: 'edge', run: () => runEdge(load) },
      ] satisfies [Arm, Arm],
      close: async () => undefined,
    }
  },
}

const place = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
const kib = 1_024
const reportEveryMs = 2_000

function figuresOf(beforeBytes: number, afterBytes: number, vehicles: number): Figures {
  return { memoryPerVehicle: (afterBytes - beforeBytes) / kib / vehicles, memory: afterBytes / kib / kib }
}

async function runBare({ vehicles }: Load) {
  const server = startWorker(new URL('../bare/uws-server.js', import.meta.url), { vehicles })
  try {
    const port = await server.ask<number>('listen')
    const before = await server.ask<Usage>('usage')
    const peers = await openPeers(port, vehicles)
    const after = await server.ask<Usage>('usage')
    for (const peer of peers) peer.close()
    return figuresOf(before.rssBytes, after.rssBytes, vehicles)
  } finally {
    await server.stop()
  }
}

async function runEdge({ vehicles, durationS }: Load) {
  const edge = await startEdgeProcess(place.latitudeE7, place.longitudeE7)
  const options: CrowdOptions = { port: edge.port, ...place, spacingM: 30, reportEveryMs, beatMs: 50 }
  const crowd = startWorker(new URL('../crowd-worker.js', import.meta.url), options)
  try {
    const before = await edge.residentBytes()
    await crowd.ask(
      'join',
      Array.from({ length: vehicles }, (_, index) => `vehicle-${index}.of.bench`),
    )
    await delay(durationS * 1_000)
    const after = await edge.residentBytes()
    return figuresOf(before, after, vehicles)
  } finally {
    await crowd.stop()
    await edge.stop()
  }
}
