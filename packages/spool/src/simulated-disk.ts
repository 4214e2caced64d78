/*
 * A disk in memory that forgets as real ones may, for the tests; the double of `nodeFiles`.
 *
 * Each file has a cached content, which every process sees, and a durable one. Writes go to the cache; `sync` carries them over. When
 * the power fails, of each unsynced write any 512-byte sectors survive, and of each unsynced name any. After a sync that failed, what
 * it was to carry over is clean in the cache and partly missing on the disk, as Linux does it. A process that is killed leaves the cache
 * as it is; its calls never come back. All that is left to chance comes from a seeded generator, so runs repeat.
 */
import path from 'node:path'
import type { Files, OpenFile } from './files.js'

const sectorBytes = 512

type Change = { readonly position: number; readonly bytes: Buffer } | { readonly truncateTo: number }

interface Inode {
  cached: Buffer
  durable: Buffer
  unsynced: Change[]
}

export interface SimulatedDisk {
  /** The file system as the process that lives now sees it. */
  files(): Files
  /** Kills the process, now or at the n-th change from now (the write in hand is done in part). */
  kill(afterChanges?: number): void
  /** True once the process is killed. */
  readonly isDead: boolean
  /** Resolves when it is. */
  readonly died: Promise<void>
  /** Starts the next process; `hasPowerFailed` first takes what was not durable. */
  restart(hasPowerFailed: boolean): void
  failSyncs(count: number): void
  setCapacity(bytes: number): void
  /** Names of files in a folder. */
  names(folder: string): string[]
  content(file: string): Buffer
  /** Changes a file behind everyone's back, cache and disk alike. */
  damage(file: string, change: (content: Buffer) => Buffer): void
}

export interface SimulatedDiskOptions {
  /** 0 ≤ number < 1 */
  readonly random: () => number
  /** A planted bug: files are said to be synced, and are not. */
  readonly isLying?: boolean
  /** What it holds at first, durably: path and bytes. */
  readonly content?: readonly (readonly [string, Buffer])[]
}

export function createSimulatedDisk({ random, isLying = false, content = [] }: SimulatedDiskOptions): SimulatedDisk {
  const names = new Map<string, Inode>()
  const durableNames = new Map<string, Inode>()
  for (const [file, bytes] of content) {
    const inode: Inode = { cached: bytes, durable: bytes, unsynced: [] }
    names.set(file, inode)
    durableNames.set(file, inode)
  }
  let unsyncedNames: { readonly file: string; readonly inode: Inode | undefined }[] = []
  let capacityBytes = Number.POSITIVE_INFINITY
  let failingSyncs = 0
  let changesLeft = Number.POSITIVE_INFINITY
  let life = 0
  let isDead = false
  let tellDied = () => {}
  let died = newDeath()
  let locks = new Set<string>()

  function newDeath() {
    return new Promise<void>(resolve => {
      tellDied = resolve
    })
  }

  function kill(afterChanges = 0) {
    changesLeft = afterChanges
    if (afterChanges > 0) return
    isDead = true
    tellDied()
  }

  /** Runs `act` as one call of process `owner`; a dead one's calls never settle. `isChange` counts towards a planned kill. */
  async function call<T>(owner: number, isChange: boolean, act: (isLast: boolean) => T): Promise<T> {
    await new Promise(resolve => setImmediate(resolve))
    if (owner !== life || isDead) return new Promise(() => {})
    const isLast = isChange && --changesLeft <= 0
    try {
      return act(isLast)
    } finally {
      if (isLast) kill()
    }
  }

  function usedBytes() {
    let used = 0
    for (const inode of names.values()) used += inode.cached.length
    return used
  }

  function find(file: string): Inode {
    const inode = names.get(file)
    if (inode === undefined) throw errno('ENOENT', file)
    return inode
  }

  function write(inode: Inode, bytes: Buffer, position: number, isLast: boolean) {
    const growth = Math.max(0, position + bytes.length - inode.cached.length)
    const room = Math.max(0, capacityBytes - usedBytes())
    const isFull = growth > room
    let length = isFull ? bytes.length - growth + room : bytes.length
    if (isLast) length = Math.floor(length * random())
    const part = Buffer.from(bytes.subarray(0, Math.max(0, length)))
    inode.cached = applied(inode.cached, { position, bytes: part })
    inode.unsynced.push({ position, bytes: part })
    if (isFull) throw errno('ENOSPC', 'write')
  }

  function sync(inode: Inode) {
    if (failingSyncs > 0) {
      failingSyncs--
      loseSome(inode)
      throw errno('EIO', 'fdatasync')
    }
    if (isLying) return
    for (const change of inode.unsynced) inode.durable = applied(inode.durable, change)
    inode.unsynced = []
  }

  /** Some of what is unsynced reaches the disk, the rest never will. */
  function loseSome(inode: Inode) {
    const isAll = random()
    for (const change of inode.unsynced) {
      if ('truncateTo' in change) {
        if (random() < 0.5) inode.durable = applied(inode.durable, change)
        continue
      }
      for (let start = 0; start < change.bytes.length; ) {
        const end = Math.min(change.bytes.length, start + sectorBytes - ((change.position + start) % sectorBytes))
        const sector = { position: change.position + start, bytes: change.bytes.subarray(start, end) }
        if (random() < isAll) inode.durable = applied(inode.durable, sector)
        start = end
      }
    }
    inode.unsynced = []
  }

  function failPower() {
    for (const inode of new Set([...names.values(), ...durableNames.values()])) loseSome(inode)
    for (const { file, inode } of unsyncedNames) if (random() < 0.5) setName(durableNames, file, inode)
    unsyncedNames = []
    names.clear()
    for (const [file, inode] of durableNames) names.set(file, inode)
    for (const inode of names.values()) inode.cached = inode.durable
  }

  function rename(file: string, inode: Inode | undefined) {
    setName(names, file, inode)
    unsyncedNames.push({ file, inode })
  }

  function openFile(owner: number, inode: Inode): OpenFile {
    return {
      read: (buffer, offset, length, position) =>
        call(owner, false, () => {
          const end = Math.min(position + length, inode.cached.length)
          return position < end ? inode.cached.copy(buffer, offset, position, end) : 0
        }),
      write: (buffer, offset, length, position) =>
        call(owner, true, isLast => write(inode, Buffer.from(buffer.subarray(offset, offset + length)), position, isLast)),
      sync: () => call(owner, true, () => sync(inode)),
      truncate: bytes =>
        call(owner, true, () => {
          inode.cached = applied(inode.cached, { truncateTo: bytes })
          inode.unsynced.push({ truncateTo: bytes })
        }),
      size: () => call(owner, false, () => inode.cached.length),
      close: () => call(owner, false, () => {}),
    }
  }

  return {
    files() {
      const owner = life
      return {
        makeFolder: () => call(owner, true, () => {}),
        list: folder => call(owner, false, () => namesIn(names, folder)),
        open: (file, mode) =>
          call(owner, mode === 'create', () => {
            if (mode !== 'create') return openFile(owner, find(file))
            if (names.has(file)) throw errno('EEXIST', file)
            const inode: Inode = { cached: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] }
            rename(file, inode)
            return openFile(owner, inode)
          }),
        remove: file =>
          call(owner, true, () => {
            find(file)
            rename(file, undefined)
          }),
        syncFolder: folder =>
          call(owner, true, () => {
            for (const { file, inode } of unsyncedNames) if (path.dirname(file) === folder) setName(durableNames, file, inode)
            unsyncedNames = unsyncedNames.filter(({ file }) => path.dirname(file) !== folder)
          }),
        freeBytes: () => call(owner, false, () => capacityBytes - usedBytes()),
        lock: folder =>
          call(owner, false, () => {
            if (locks.has(folder)) return { locked: false, pid: 1 }
            locks.add(folder)
            const release = () => call(owner, false, () => void locks.delete(folder))
            return { locked: true, takenOverFromPid: undefined, release }
          }),
      }
    },
    kill,
    get isDead() {
      return isDead
    },
    get died() {
      return died
    },
    restart(hasPowerFailed) {
      life++
      if (hasPowerFailed) failPower()
      isDead = false
      changesLeft = Number.POSITIVE_INFINITY
      failingSyncs = 0
      locks = new Set()
      died = newDeath()
    },
    failSyncs(count) {
      failingSyncs = count
    },
    setCapacity(bytes) {
      capacityBytes = bytes
    },
    names: folder => namesIn(names, folder),
    content: file => find(file).cached,
    damage(file, change) {
      const inode = find(file)
      inode.cached = change(Buffer.from(inode.cached))
      inode.durable = change(Buffer.from(inode.durable))
    },
  }
}

function applied(content: Buffer, change: Change): Buffer {
  if ('truncateTo' in change) {
    const cut = Buffer.alloc(change.truncateTo)
    content.copy(cut)
    return cut
  }
  if (change.bytes.length === 0) return content
  const grown = Buffer.alloc(Math.max(content.length, change.position + change.bytes.length))
  content.copy(grown)
  change.bytes.copy(grown, change.position)
  return grown
}

function setName(names: Map<string, Inode>, file: string, inode: Inode | undefined) {
  if (inode === undefined) names.delete(file)
  else names.set(file, inode)
}

function namesIn(names: Map<string, Inode>, folder: string): string[] {
  return [...names.keys()].filter(file => path.dirname(file) === folder).map(file => path.basename(file))
}

function errno(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}
