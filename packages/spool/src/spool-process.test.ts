// Real processes on a real disk: killed at any moment, two at once, and one that only reads.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeClock } from './clock.js'
import { createSpool } from './create-spool.js'
import { verifySpool } from './inspect-spool.js'
import { nodeFiles } from './node-files.js'
import { openSpoolReader } from './spool-reader.js'

const limits = { segmentBytes: 64_000, recordBytesMax: 1000, pendingBytesMax: 200_000, capBytes: 1e9, reserveBytes: 0, syncWithinMs: 0 }
const payloadOf = (sequence: number) => Buffer.alloc(sequence % 300, String(sequence))

/** Appends for ever, and prints how far it is synced; the payload follows from the sequence. */
const writer = `
import { createSpool, nodeClock, nodeFiles } from ${JSON.stringify(path.resolve(import.meta.dirname, '../dist/index.js'))}
const limits = ${JSON.stringify(limits)}
const spool = createSpool({ folder: process.argv[1], files: nodeFiles, clock: nodeClock, randomUint32: () => 5, limits, retain: 'forever' })
await spool.start()
const payloadOf = ${payloadOf}
for (;;) {
  for (let count = 0; count < 50; count++) spool.append(payloadOf(spool.appendedThrough + 1))
  await spool.whenSynced(spool.appendedThrough)
  console.log(spool.syncedThrough)
}`

let folder = ''
let children: ChildProcessByStdio<null, Readable, null>[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-spool-'))
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true })
})

function startWriter() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

function openSpool() {
  return createSpool({ folder, files: nodeFiles, clock: nodeClock, randomUint32: () => 6, limits, retain: 'forever' })
}

/** Reads lines until there are `lines`, then kills; resolves to the last sequence said to be synced. */
async function killAfter(child: ChildProcessByStdio<null, Readable, null>, lines: number): Promise<number> {
  let synced = 0
  let count = 0
  for await (const line of createInterface({ input: child.stdout })) {
    synced = Number(line)
    if (++count === lines) child.kill('SIGKILL')
  }
  return synced
}

test('killed again and again, every record that was synced is there', async () => {
  let synced = 0
  for (let round = 0; round < 10; round++) synced = Math.max(synced, await killAfter(startWriter(), 1 + ((round * 7) % 23)))
  const spool = openSpool()
  await spool.start()
  let records = 0
  for await (const item of spool.read({ from: 1 })) {
    if (item.kind === 'gap') {
      expect(item.reason).toBe('torn')
      continue
    }
    records++
    expect(Buffer.from(item.bytes).equals(payloadOf(item.sequence))).toBe(true)
  }
  const gaps = spool.syncedThrough - records
  expect(spool.syncedThrough).toBeGreaterThanOrEqual(synced)
  await spool.stop()
  const report = await verifySpool({ folder, files: nodeFiles })
  expect(report).toMatchObject({ damageCount: 0, tornBytes: 0, records })
  // What is missing was never synced: each kill can cost no more than what was on its way.
  expect(gaps).toBeLessThan(10 * (limits.pendingBytesMax / 16))
}, 60_000)

test('a second writer is refused and told who writes; a dead one is succeeded', async () => {
  const child = startWriter()
  const lines = createInterface({ input: child.stdout })
  await new Promise(resolve => lines.once('line', resolve))
  const spool = openSpool()
  await expect(spool.start()).rejects.toMatchObject({ code: 'locked', message: expect.stringContaining(`process ${child.pid}`) })
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
  const next = openSpool()
  await next.start()
  await next.stop()
  expect(readdirSync(folder).filter(name => name.endsWith('.lock'))).toEqual([])
})

test('another process follows, and sees each record once and in order', async () => {
  const child = startWriter()
  const reader = openSpoolReader({ folder, files: nodeFiles, clock: nodeClock, pollMs: 2 })
  await new Promise(resolve => createInterface({ input: child.stdout }).once('line', resolve))
  const abort = new AbortController()
  let expected = 1
  for await (const item of reader.follow({ from: 1, signal: abort.signal })) {
    if (item.kind !== 'record') throw new Error(`a gap: ${JSON.stringify(item)}`)
    expect(item.sequence).toBe(expected++)
    if (!Buffer.from(item.bytes).equals(payloadOf(item.sequence))) throw new Error(`a wrong record ${item.sequence}`)
    if (expected > 5000) abort.abort()
  }
  expect((await reader.position()).syncedThrough).toBeGreaterThanOrEqual(5000)
  // Looking does not disturb the writer, and the writer does not look like damage.
  expect((await verifySpool({ folder, files: nodeFiles })).damageCount).toBe(0)
}, 30_000)

test('another process sees nothing before it is synced', async () => {
  let letThrough = () => {}
  const gate = new Promise<void>(resolve => {
    letThrough = resolve
  })
  let isShut = false
  const written: string[] = []
  const spool = createSpool({
    folder,
    clock: nodeClock,
    randomUint32: () => 5,
    limits,
    files: {
      ...nodeFiles,
      async open(file, mode) {
        const opened = await nodeFiles.open(file, mode)
        return {
          ...opened,
          async sync() {
            written.push(file)
            if (isShut) await gate
            await opened.sync()
          },
        }
      },
    },
  })
  await spool.start()
  const reader = openSpoolReader({ folder, files: nodeFiles, clock: nodeClock, pollMs: 1 })
  isShut = true
  written.length = 0
  const synced = spool.whenSynced(spool.append(Buffer.from('secret')) as number)
  while (written.length === 0) await new Promise(resolve => setImmediate(resolve))
  for await (const item of reader.read({ from: 1 })) throw new Error(`read ${item.kind} before its sync`)
  const followed = reader.follow({ from: 1, signal: new AbortController().signal })
  const first = followed.next()
  letThrough()
  await synced
  expect(await first).toMatchObject({ value: { kind: 'record', sequence: 1 } })
  await followed.return?.()
  await spool.stop()
})

test('a folder that is no spool is refused and left alone; an absent one has nothing to read', async () => {
  writeFileSync(path.join(folder, 'letters.txt'), 'dear')
  const spool = openSpool()
  await expect(spool.start()).rejects.toMatchObject({ code: 'folder_foreign', message: expect.stringContaining('letters.txt') })
  await spool.stop()
  expect(readdirSync(folder)).toEqual(['letters.txt'])
  const reader = openSpoolReader({ folder: path.join(folder, 'absent'), files: nodeFiles, clock: nodeClock })
  await expect(reader.position()).rejects.toMatchObject({ code: 'no_spool', retriable: true })
  await expect(verifySpool({ folder: path.join(folder, 'absent'), files: nodeFiles })).rejects.toMatchObject({ code: 'no_spool' })
})
