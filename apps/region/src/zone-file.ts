import { setTimeout as sleep } from 'node:timers/promises'
import { readZoneTable, type Zones } from './zone-table.js'

type ZoneFileEvent =
  | { readonly event: 'zone_table_loaded'; readonly version: number; readonly footprints: number }
  /** The file changed and is not taken: the table before stays. */
  | { readonly event: 'zone_table_refused'; readonly problems: readonly string[] }

export interface ZoneFileOptions {
  readonly path: string
  readonly readText: (path: string) => Promise<string>
  readonly onEvent: (event: ZoneFileEvent) => void
  /** Called with each table that takes the place of another. */
  readonly onChange: (zones: Zones) => void
  readonly pollMs?: number
}

export interface ZoneFile {
  /** @throws Error if the file cannot be read, or is wrong: the message has every problem. */
  start(): Promise<void>
  /** The newest right one. Not before `start`. */
  current(): Zones
  /** Why the file as it lies there is not in use, if so. */
  problems(): readonly string[]
  stop(): Promise<void>
}

/** A table is looked at by its text: file watches miss what Kubernetes does with its symbolic links. */
export function createZoneFile({ path, readText, onEvent, onChange, pollMs = 1_000 }: ZoneFileOptions): ZoneFile {
  const stopping = new AbortController()
  let zones: Zones | undefined
  let seen = ''
  let problems: readonly string[] = []
  let watching: Promise<void> | undefined

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(pollMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {}) // aborted: the loop ends
      if (!stopping.signal.aborted) await look()
    }
  }

  async function look(): Promise<void> {
    let text: string
    try {
      text = await readText(path)
    } catch (error) {
      return refuse([`cannot be read: ${(error as Error).message}`])
    }
    if (text === seen) return
    seen = text
    const result = readZoneTable(text)
    if (!result.ok) return refuse(result.problems)
    const version = result.zones.table.version!
    if (zones !== undefined && version <= zones.table.version!)
      return refuse([`version is ${version}; must be above ${zones.table.version}, which is in use`])
    const isFirst = zones === undefined
    zones = result.zones
    problems = []
    onEvent({ event: 'zone_table_loaded', version, footprints: zones.footprints.length })
    if (!isFirst) onChange(zones)
  }

  function refuse(found: readonly string[]): void {
    if (problems.join() !== found.join()) onEvent({ event: 'zone_table_refused', problems: found })
    problems = found
  }

  return {
    async start() {
      await look()
      if (zones === undefined) throw new Error(`zone table ${path}: ${problems.join('; ')}`)
      watching = watch()
    },
    current: () => zones!,
    problems: () => problems,
    async stop() {
      stopping.abort()
      await watching
    },
  }
}
