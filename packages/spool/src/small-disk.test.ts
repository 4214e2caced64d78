// A real file system of 4 MiB, where mounting one is permitted.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { nodeClock } from './clock.js'
import { createSpool } from './create-spool.js'
import { nodeFiles } from './node-files.js'
import type { Spool } from './spool.js'

const mib = 1024 * 1024
const page = 4096
const limits = { segmentBytes: 256 * 1024, recordBytesMax: 2000, pendingBytesMax: 64 * 1024, capBytes: 100 * mib, syncWithinMs: 0 }
const disk = mkdtempSync(path.join(tmpdir(), 'outrider-small-disk-'))
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { encoding: 'utf8' })
const isMounted = mounted.status === 0
if (!isMounted) console.warn(`SKIPPED: spool on a real full disk: mounting a tmpfs is not permitted here (${mounted.stderr?.trim()})`)

let spool: Spool | undefined

afterEach(async () => {
  await spool?.stop()
  if (isMounted) for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true })
})

afterAll(() => {
  if (isMounted) expect(spawnSync('umount', [disk]).status).toBe(0)
  rmdirSync(disk)
})

const payload = Buffer.alloc(1000, 7)

/** Appends until refused for another reason than a moment's haste; resolves to that reason and the last sequence taken. */
async function fill(log: Spool) {
  let last = 0
  for (;;) {
    const result = log.append(payload)
    if (typeof result === 'number') last = result
    else if (result.refused !== 'pending_full') return { refused: result.refused, last }
    else await new Promise(resolve => setImmediate(resolve))
  }
}

async function open(name: string, reserveBytes: number) {
  const folder = path.join(disk, name)
  spool = createSpool({
    folder,
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => 1,
    limits: { ...limits, reserveBytes },
    retain: 'forever',
  })
  await spool.start()
  return spool
}

test.skipIf(!isMounted)(
  'the reserve is noticed before the disk is full, and left by itself',
  async () => {
    const ballast = path.join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(mib))
    const log = await open('reserve', mib)
    const { refused, last } = await fill(log)
    expect(refused).toBe('disk_reserve')
    await log.whenSynced(last)
    // The disk counts whole pages, the spool bytes.
    const files = (await nodeFiles.list(path.join(disk, 'reserve'))).length
    expect(await nodeFiles.freeBytes(disk)).toBeGreaterThanOrEqual(mib - files * page)
    rmSync(ballast)
    await vi.waitFor(() => expect(log.append(payload)).toBeTypeOf('number'), { timeout: 20_000 })
    await log.whenSynced(log.appendedThrough)
  },
  40_000,
)

test.skipIf(!isMounted)(
  'a full disk loses nothing that was accepted, and is left without a restart',
  async () => {
    const ballast = path.join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(mib))
    const log = await open('full', 0)
    // A file from elsewhere takes what the spool was counting on.
    await log.whenSynced(log.append(payload) as number)
    writeFileSync(path.join(disk, 'neighbour'), Buffer.alloc(2 * mib + 500_000))
    const { refused, last } = await fill(log)
    expect(refused).toBe('disk_full')
    rmSync(ballast)
    await log.whenSynced(last)
    await vi.waitFor(() => expect(log.refusing).toBeUndefined(), { timeout: 20_000 })
    let expected = 1
    for await (const item of log.read({ from: 1 })) expect(item).toMatchObject({ kind: 'record', sequence: expected++ })
    expect(expected).toBe(last + 1)
  },
  40_000,
)
