import path from 'node:path'
import { readZoneTable, type Zones } from './zone-table.js'

type ZoneFileEvent =
  | { readonly event: 'zone_table_loaded'; readonly version: number; readonly footprints: number }
  /** The file is not taken: the table before stays, at a start the cached one. */
  | { readonly event: 'zone_table_refused'; readonly problems: readonly string[] }
  | { readonly event: 'zone_table_uncached'; readonly cause: unknown }

export interface ZoneFileOptions {
  readonly path: string
  /** Folder for the last good table. */
  readonly cacheFolder: string
  readonly files: Pick<typeof import('node:fs/promises'), 'readFile' | 'writeFile' | 'rename' | 'mkdir'>
  /** Why a right table cannot be used by this node, if so. */
  readonly check: (zones: Zones) => readonly string[]
  readonly onEvent: (event: ZoneFileEvent) => void
}

export interface ZoneFile {
  /** @throws Error if neither the file nor the cache gives a table: the message has every problem */
  load(): Promise<void>
  /** The newest good one; not before `load`. */
  current(): Zones
  /** Why the file as it lies there is not in use, if so. */
  problems(): readonly string[]
  watch(): void
  stop(): Promise<void>
}

const pollMs = 1_000

/** A table is looked at by its text: file watches miss what Kubernetes does with its symbolic links. */
export function createZoneFile({ path: file, cacheFolder, files, check, onEvent }: ZoneFileOptions): ZoneFile {
  const cache = path.join(cacheFolder, 'zones.json')
  let zones: Zones | undefined
  let seen: string | undefined
  let problems: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    let text: string
    try {
      text = await files.readFile(file, 'utf8')
    } catch (error) {
      refuse([`${file} cannot be read: ${(error as Error).message}`])
      return
    }
    if (text === seen) return
    seen = text
    if (take(text)) await keep(text)
  }

  function take(text: string): boolean {
    const result = readZoneTable(text)
    const found = result.ok ? check(result.zones) : result.problems
    if (!result.ok || found.length > 0) return refuse(found)
    const version = result.zones.table.version!
    const used = zones?.table.version
    if (used != null && version <= used) return refuse([`version is ${version}; must be above ${used}, which is in use`])
    zones = result.zones
    problems = []
    onEvent({ event: 'zone_table_loaded', version, footprints: zones.footprints.length })
    return true
  }

  function refuse(found: readonly string[]): false {
    if (problems.join() !== found.join()) onEvent({ event: 'zone_table_refused', problems: found })
    problems = found
    return false
  }

  /** Renamed into place, so that a crash leaves the old one or the new one. */
  async function keep(text: string): Promise<void> {
    try {
      await files.mkdir(cacheFolder, { recursive: true })
      await files.writeFile(`${cache}.new`, text)
      await files.rename(`${cache}.new`, cache)
    } catch (cause) {
      onEvent({ event: 'zone_table_uncached', cause })
    }
  }

  return {
    async load() {
      await look()
      if (zones !== undefined) return
      const found = problems
      const cached = await files.readFile(cache, 'utf8').catch(() => undefined) // No cache: the problem to tell is the file's.
      if (cached !== undefined) take(cached)
      if (zones === undefined) throw new Error(`zone table: ${found.join('; ')}`)
      problems = found
    },
    current: () => zones!,
    problems: () => problems,
    watch() {
      timer = setInterval(() => {
        looking ??= look().finally(() => {
          looking = undefined
        })
      }, pollMs)
    },
    async stop() {
      clearInterval(timer)
      await looking
    },
  }
}
