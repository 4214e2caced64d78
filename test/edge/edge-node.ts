// An edge node in a process of its own, on free ports, with a data folder that goes with it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../apps/edge/dist/main.js', import.meta.url))
export const origin = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }

/** A box of 0.2 by 0.2 degrees. */
function box(west: number): object {
  const corner = (x: number, y: number) => ({ latitudeE7: 535_500_000 + y * 1_000_000, longitudeE7: west + x * 1_000_000 })
  return { polygons: [{ outer: { points: [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)] } }] }
}

/** Two footprints side by side, 0.2 by 0.2 degrees each: the border is 0.1 degrees east of the origin. */
export const zoneTable = {
  version: 1,
  zones: [
    {
      name: 'altstadt',
      region: 'region-1',
      footprints: [
        { name: 'west', area: box(origin.longitudeE7), owner: 'edge-1', successors: ['edge-2'] },
        { name: 'east', area: box(origin.longitudeE7 + 2_000_000), owner: 'edge-2' },
      ],
    },
  ],
  nodes: [
    { name: 'edge-1', zone: 'altstadt', vehicleUrl: 'ws://one.example', peerAddress: '10.0.0.1:1' },
    { name: 'edge-2', zone: 'altstadt', vehicleUrl: 'ws://two.example', peerAddress: '10.0.0.2:1' },
  ],
}

export interface EdgeNode {
  readonly folder: string
  readonly url: string
  /** Of the public and the admin port. */
  readonly http: string
  readonly admin: string
  /** Where neighbours connect, if it listens for them. */
  readonly peerPort: number | undefined
  readonly process: ChildProcess
  /** Lines of its log so far. */
  readonly log: readonly string[]
  /** Resolves to the exit code, or the signal. */
  readonly ended: Promise<number | string>
}

export interface NodeFolder {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

const folders: string[] = []
const running = new Set<ChildProcess>()

export function makeFolder(): NodeFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'outrider-edge-'))
  folders.push(folder)
  writeFileSync(path.join(folder, 'zones.json'), JSON.stringify(zoneTable))
  return {
    folder,
    environment: {
      OUTRIDER_EDGE_DATA: path.join(folder, 'data'),
      OUTRIDER_EDGE_ZONES: path.join(folder, 'zones.json'),
      OUTRIDER_EDGE_PORT: '0',
      OUTRIDER_EDGE_ADMIN_PORT: '0',
    },
  }
}

/** Runs it to its first line on standard output, or to its end: then `ready` is undefined. @param shell what `sh` does before */
export async function runEdge({ folder, environment }: NodeFolder, more: Readonly<Record<string, string>>, shell = '') {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KAFKA_|OUTRIDER_)/.test(name))
  const child = spawn('sh', ['-c', `${shell} exec "$0" "$1"`, process.execPath, main], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const log: string[] = []
  createInterface({ input: child.stderr! }).on('line', line => log.push(line))
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return (code ?? signal) as number | string
  })
  const lines = createInterface({ input: child.stdout! })
  const first = await Promise.race([once(lines, 'line').then(([line]) => line as string), ended.then(() => undefined)])
  const ready = first === undefined ? undefined : (JSON.parse(first) as { publicPort: number; adminPort: number; peerPort?: number })
  return { child, log, ended, ready }
}

export async function startEdge(
  more: Readonly<Record<string, string>> = { OUTRIDER_INSECURE: '1' },
  at: NodeFolder = makeFolder(),
  shell = '',
): Promise<EdgeNode> {
  const { child, log, ended, ready } = await runEdge(at, more, shell)
  if (ready === undefined) throw new Error(`the node did not start: ${log.join('\n')}`)
  const host = `127.0.0.1:${ready.publicPort}`
  const admin = `http://127.0.0.1:${ready.adminPort}`
  return { folder: at.folder, url: `ws://${host}`, http: `http://${host}`, admin, peerPort: ready.peerPort, process: child, log, ended }
}

/** Ends what is left of a file's nodes. */
export async function clearNodes(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}
