// A real edge node in a process of its own, as `outrider up` starts it, whose garbage can be collected before its memory is read.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'

export interface EdgeProcess {
  readonly port: number
  /** Resident memory with the garbage collected, bytes. */
  residentBytes(): Promise<number>
  /** CPU it has taken, user and system, to 10 ms. */
  cpuMicros(): number
  /** Reports it has written to its logs. */
  reportsAccepted(): Promise<number>
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../../edge/dist/main.js', import.meta.url))
/** Half a side of the footprint, 1e-7 degree: 11 km north and south, 6.6 km east and west. */
const halfE7 = 1_000_000

function zoneTable(latitudeE7: number, longitudeE7: number): object {
  const corner = (north: number, east: number) => ({ latitudeE7: latitudeE7 + north * halfE7, longitudeE7: longitudeE7 + east * halfE7 })
  const area = { polygons: [{ outer: { points: [corner(-1, -1), corner(-1, 1), corner(1, 1), corner(1, -1)] } }] }
  return {
    version: 1,
    zones: [{ name: 'bench', region: 'bench', footprints: [{ name: 'all', area, owner: 'edge-1' }] }],
    nodes: [{ name: 'edge-1', zone: 'bench', vehicleUrl: 'ws://127.0.0.1:1', peerAddress: '127.0.0.1:1' }],
  }
}

/** @throws Error with its last words if it does not start */
export async function startEdgeProcess(latitudeE7: number, longitudeE7: number): Promise<EdgeProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'outrider-bench-edge-'))
  writeFileSync(path.join(folder, 'zones.json'), JSON.stringify(zoneTable(latitudeE7, longitudeE7)))
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_|NODE_OPTIONS)/.test(name))
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', main], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      OUTRIDER_INSECURE: '1',
      OUTRIDER_EDGE_DATA: path.join(folder, 'data'),
      OUTRIDER_EDGE_PORT: '0',
      OUTRIDER_EDGE_ADMIN_PORT: '0',
      OUTRIDER_EDGE_HANDSHAKES: '100000',
      OUTRIDER_EDGE_MESSAGES: '1000000',
      OUTRIDER_EDGE_HANDSHAKES_ADDRESS: '100000',
    },
  })
  const said: string[] = []
  let inspectorUrl = ''
  createInterface(child.stderr).on('line', line => {
    if (said.push(line) > 20) said.shift()
    inspectorUrl ||= /^Debugger listening on (ws:\S+)$/.exec(line)?.[1] ?? ''
  })
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const first = once(createInterface(child.stdout), 'line').then(([line]) => String(line))
  const line = await Promise.race([first, once(child, 'exit').then(() => undefined)])
  if (line === undefined) {
    await stop()
    throw new Error(`the edge node did not start: ${said.join('\n')}`)
  }
  const { publicPort, adminPort } = JSON.parse(line) as { publicPort: number; adminPort: number }
  return {
    port: publicPort,
    cpuMicros: () => cpuMicrosOf(child),
    async reportsAccepted() {
      const details = await fetch(`http://127.0.0.1:${adminPort}/details`)
      const { counts } = (await details.json()) as { counts: { reportsAccepted: Record<'urgent' | 'telemetry', number> } }
      return counts.reportsAccepted.urgent + counts.reportsAccepted.telemetry
    },
    async residentBytes() {
      await collectGarbage(inspectorUrl)
      return residentBytesOf(child)
    },
    stop,
  }
}

async function collectGarbage(url: string): Promise<void> {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  // Twice: what a finaliser lets go of goes with the second.
  for (const id of [1, 2]) {
    socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    await once(socket, 'message')
  }
  socket.close()
  await once(socket, 'close')
}

/** From the kernel, since nobody else can ask another process. */
function residentBytesOf({ pid }: ChildProcess): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kib === undefined) throw new Error('this system does not tell the memory of another process')
  return Number(kib) * 1_024
}

/** Fields 14 and 15 of proc(5)'s stat, in hundredths of a second; the name before them may hold spaces. */
function cpuMicrosOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
