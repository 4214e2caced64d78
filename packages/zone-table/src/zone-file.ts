import path from 'node:path'
import { encodeJson, type outrider } from '@outrider/protocol'
import { placeZones, readZoneTable, type Zones, type ZonesResult } from './zone-table.js'

/** Where a table came from: the file, the folder that keeps the last good one, or another process. */
type ZoneSource = 'file' | 'cache' | 'offer'

export type ZoneFileEvent =
  | { readonly event: 'zone_table_loaded'; readonly source: ZoneSource; readonly version: number; readonly footprints: number }
  /** It is not taken: the table before stays, at a start the cached one. */
  | { readonly event: 'zone_table_refused'; readonly source: ZoneSource; readonly problems: readonly string[] }
  | { readonly event: 'zone_table_uncached'; readonly cause: unknown }

export interface ZoneFileOptions {
  readonly path: string
  /** Folder for the last good table; none is kept without. */
  readonly cacheFolder?: string
  readonly files: Pick<typeof import('node:fs/promises'), 'readFile' | 'writeFile' | 'rename' | 'mkdir'>
  /** Why a right table is of no use here, if so. */
  readonly check?: (zones: Zones) => readonly string[]
  readonly onEvent: (event: ZoneFileEvent) => void
  /** Called with each table that takes the place of another. */
  readonly onChange?: (zones: Zones) => void
  readonly pollMs?: number
}

/** The zone table in use: the one of the highest version that was right, of all that the file held and others offered. */
export interface ZoneFile {
  /** @throws Error if neither the file nor the cache gives a table: the message has every problem */
  load(): Promise<void>
  /** Looks for a later version of the file from now on. */
  watch(): void
  /** A table from another process: it takes the place of the one in use if its version is higher. */
  offer(table: outrider.v1.ZoneTable.$Properties): Promise<void>
  /** The one in use; not before `load`. */
  current(): Zones
  /** Why the file as it lies there is not in use, or an offered table, if so. */
  problems(): readonly string[]
  stop(): Promise<void>
}

/** A table is looked at by its text: file watches miss what Kubernetes does with its symbolic links. */
export function createZoneFile({
  path: file,
  cacheFolder,
  files,
  check = () => [],
  onEvent,
  onChange = () => {},
  pollMs = 1_000,
}: ZoneFileOptions): ZoneFile {
  const cache = cacheFolder === undefined ? undefined : path.join(cacheFolder, 'zones.json')
  let zones: Zones | undefined
  let seen: string | undefined
  const problems: Record<ZoneSource, readonly string[]> = { file: [], cache: [], offer: [] }
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  /** Writes of the cache, one after the other. */
  let keeping = Promise.resolve()

  async function look(): Promise<void> {
    let text: string
    try {
      text = await files.readFile(file, 'utf8')
    } catch (error) {
      refuse('file', [`${file} cannot be read: ${(error as Error).message}`])
      return
    }
    if (text === seen) return
    seen = text
    if (take('file', readZoneTable(text))) await keep(text)
  }

  function take(source: ZoneSource, result: ZonesResult): boolean {
    const found = result.ok ? check(result.zones) : result.problems
    if (!result.ok || found.length > 0) return refuse(source, found)
    const version = result.zones.table.version!
    const used = zones?.table.version
    if (used != null && version <= used) {
      return refuse(source, [`version is ${version}; must be above ${used}, which is in use`])
    }
    zones = result.zones
    problems[source] = []
    onEvent({ event: 'zone_table_loaded', source, version, footprints: zones.footprints.length })
    if (used != null) onChange(zones)
    return true
  }

  function refuse(source: ZoneSource, found: readonly string[]): false {
    if (problems[source].join() !== found.join()) onEvent({ event: 'zone_table_refused', source, problems: found })
    problems[source] = found
    return false
  }

  /** Renamed into place, so that a crash leaves the old one or the new one. */
  function keep(text: string): Promise<void> {
    if (cache === undefined || cacheFolder === undefined) return Promise.resolve()
    keeping = keeping.then(async () => {
      try {
        await files.mkdir(cacheFolder, { recursive: true })
        await files.writeFile(`${cache}.new`, text)
        await files.rename(`${cache}.new`, cache)
      } catch (cause) {
        onEvent({ event: 'zone_table_uncached', cause })
      }
    })
    return keeping
  }

  /** The cache counts if the file gives nothing, or if it is newer: another process offered it before this start. */
  async function takeCached(text: string): Promise<void> {
    const cached = readZoneTable(text)
    const fileVersion = zones?.table.version
    if (fileVersion != null && !(cached.ok && cached.zones.table.version! > fileVersion)) return
    if (!take('cache', cached) || fileVersion == null) return
    problems.file = [`version of the file is ${fileVersion}; must be above ${zones!.table.version}, which another process gave`]
    await keep(text)
  }

  return {
    async load() {
      // Before the file is looked at, which then is kept in its place.
      const cached = cache === undefined ? undefined : await files.readFile(cache, 'utf8').catch(() => undefined) // none yet
      await look()
      if (cached !== undefined) await takeCached(cached)
      if (zones === undefined) throw new Error(`zone table: ${problems.file.join('; ')}`)
    },
    watch() {
      timer = setInterval(() => {
        looking ??= look().finally(() => {
          looking = undefined
        })
      }, pollMs)
    },
    async offer(table) {
      // Told again with each connection, also by one who has not yet heard of a newer.
      if ((table.version ?? 0) >= 1 && table.version! <= (zones?.table.version ?? 0)) return
      if (take('offer', placeZones(table))) await keep(JSON.stringify(encodeJson('ZoneTable', table)))
    },
    current: () => zones!,
    problems: () => [...problems.file, ...problems.offer],
    async stop() {
      clearInterval(timer)
      await looking
      await keeping
    },
  }
}
