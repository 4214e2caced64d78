import type { CryptoKey } from 'jose'
import { IdentityError } from './identity-error.js'
import { keySetBytesMax, type PublicKeysResult, readPublicKeys } from './public-keys.js'
import type { KeySource } from './token-verifier.js'

// The public keys of a node: a JWKS file, read again while the node runs, so that rotation needs no restart.
//
// The file is read whole at every poll and compared as text. Comparing time and size instead would miss a change: keys of one kind are all of
// one size, and two writes can fall into one tick of the file system's clock. A few hundred bytes every two seconds cost nothing.
// Between polls, a token that names an unknown key causes a read at once, at most one per second whatever strangers send.
// A bad or missing file never takes working keys away: the last good set stays, and the state says why and since when.

/** The part of `node:fs/promises` that reading takes. */
type KeyFileFiles = Pick<typeof import('node:fs/promises'), 'readFile' | 'stat'>

export interface KeyFileOptions {
  readonly path: string
  readonly files: KeyFileFiles
  /** Corrected wall time, ms since 1970. */
  readonly nowMs: () => number
  /** Called for each change, never for a poll that finds nothing new. Must not throw. */
  readonly onEvent: (event: KeyFileEvent) => void
  /** Time between reads, ≥ 1 ms; default 2 s: a rotated key is known well before it signs. */
  readonly pollIntervalMs?: number
}

export type KeyFileEvent =
  | { readonly event: 'key_file_loaded'; readonly keyIds: readonly string[] }
  | { readonly event: 'key_file_refused'; readonly problems: readonly string[]; readonly keyIds: readonly string[] }

/** What `/readyz` shows. `stale`: the last good set is in use, the file has had the problems since then. */
export type KeyFileState =
  | { readonly status: 'empty' }
  | { readonly status: 'fresh'; readonly keyIds: readonly string[]; readonly loadedAtMs: number }
  | {
      readonly status: 'stale'
      readonly keyIds: readonly string[]
      readonly loadedAtMs: number
      readonly sinceMs: number
      readonly problems: readonly string[]
    }

export interface KeyFile extends KeySource {
  /** Reads the file and goes on watching it. Throws `IdentityError` `key_file_unusable` if it gives no set; then nothing is watched. */
  start(): Promise<void>
  /** Ends watching, after the read that is under way. May be called twice; keys stay usable. */
  stop(): Promise<void>
  state(): KeyFileState
}

/** Least time between two reads caused by unknown keys. */
const readGapMs = 1000

/** Watches a JWKS file. `find` needs a `start()` before it. */
export function createKeyFile({ path, files, nowMs, onEvent, pollIntervalMs = 2000 }: KeyFileOptions): KeyFile {
  let keys: ReadonlyMap<string, CryptoKey> = new Map()
  let state: KeyFileState = { status: 'empty' }
  let lastText: string | undefined
  let lastReadAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  /** One read at a time; who asks meanwhile waits for it. */
  function read(): Promise<void> {
    reading ??= readOnce().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function readOnce(): Promise<void> {
    lastReadAtMs = nowMs()
    const file = await readText(path, files)
    if (!file.ok) return refuse([file.problem])
    if (file.text === lastText && state.status === 'fresh') return
    const result = await readPublicKeys(file.text)
    if (!result.ok) return refuse(result.problems)
    take(result, file.text)
  }

  function take(result: PublicKeysResult & { ok: true }, text: string): void {
    keys = result.keys
    lastText = text
    state = { status: 'fresh', keyIds: [...keys.keys()], loadedAtMs: nowMs() }
    onEvent({ event: 'key_file_loaded', keyIds: state.keyIds })
  }

  function refuse(problems: readonly string[]): void {
    if (state.status === 'stale' && state.problems.join('\n') === problems.join('\n')) return
    const keyIds = [...keys.keys()]
    onEvent({ event: 'key_file_refused', problems, keyIds })
    if (state.status === 'empty') {
      throw new IdentityError('key_file_unusable', `${path}: ${problems.join('; ')}. \`outrider keys init\` makes such a file (jwks.json)`)
    }
    const sinceMs = state.status === 'stale' ? state.sinceMs : nowMs()
    state = { status: 'stale', keyIds, loadedAtMs: state.loadedAtMs, sinceMs, problems }
  }

  return {
    async start() {
      if (timer !== undefined) return
      await read()
      timer = setInterval(() => void read(), pollIntervalMs)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      timer = undefined
      await reading
    },
    state: () => state,
    find(keyId) {
      const key = keys.get(keyId)
      // `abs`, so that a clock set back does not close the gate until it has caught up.
      if (key !== undefined || (reading === undefined && Math.abs(nowMs() - lastReadAtMs) < readGapMs)) return key
      return read().then(() => keys.get(keyId))
    },
  }
}

type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string }

async function readText(path: string, files: KeyFileFiles): Promise<ReadText> {
  try {
    const stat = await files.stat(path)
    if (!stat.isFile()) return { ok: false, problem: 'not a file' }
    if (stat.size > keySetBytesMax) return { ok: false, problem: `${stat.size} bytes; a key set has at most ${keySetBytesMax}` }
    return { ok: true, text: await files.readFile(path, 'utf8') }
  } catch (error) {
    // The code alone: whether looking or opening failed is chance, and must not look like news.
    return { ok: false, problem: `cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` }
  }
}
