/*
 * What a spool must do, as a list of promises, and the machine that checks a real spool on a simulated disk against it, step by step.
 *
 *  - every record read is one that was appended under that sequence, and, once promised (synced or read), always that one
 *  - every promised record is read again, unless the test itself touched its bytes, or it is behind the cursor and removed
 *  - no promised sequence is given out again
 *  - a cursor that was committed is not lost, and nothing behind it is removed
 *  - what is read has no hole: each sequence is a record or in a gap
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { decodeSlots } from './checked-slots.js'
import { createSpool } from './create-spool.js'
import { diskRetryMsMax } from './limits.js'
import { createScanner } from './record-scanner.js'
import { cursorFile, segmentFile, segmentsAmong, watermarkFile } from './segment-files.js'
import { segmentHeaderBytes } from './segment-header.js'
import { createSimulatedClock } from './simulated-clock.js'
import { createSimulatedDisk, type SimulatedDisk } from './simulated-disk.js'
import type { Spool, SpoolItem } from './spool.js'
import { SpoolError } from './spool-error.js'
import { openSpoolReader } from './spool-reader.js'

export const folder = '/log'
export const epoch = 4711
/** Small, so that a few records fill segments, buffers and the cap. */
export const modelLimits = {
  segmentBytes: 400,
  recordBytesMax: 120,
  pendingBytesMax: 1200,
  capBytes: 8000,
  reserveBytes: 0,
  syncWithinMs: 0,
}

export type Step =
  | { readonly kind: 'append'; readonly payloads: readonly Uint8Array[] }
  | { readonly kind: 'sync' }
  | { readonly kind: 'read'; readonly back: number }
  | { readonly kind: 'commit'; readonly back: number }
  | { readonly kind: 'restart'; readonly how: 'stop' | 'kill' | 'power' }
  | { readonly kind: 'killAt'; readonly changes: number }
  | { readonly kind: 'failSync' }
  | { readonly kind: 'fillDisk'; readonly spareBytes: number }
  | { readonly kind: 'flip'; readonly file: number; readonly at: number; readonly bit: number }
  | { readonly kind: 'truncate'; readonly file: number; readonly at: number }

/** mulberry32: a seeded generator, 0 ≤ number < 1 */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Runs the steps; rejects where the spool breaks a promise. */
export async function checkSteps(steps: readonly Step[], seed: number, isLying = false): Promise<void> {
  const disk = createSimulatedDisk({ random: seededRandom(seed), isLying })
  const model = createModel(disk)
  await model.open()
  for (const step of steps) {
    await model.take(step)
    if (model.isBeyondReading) return
  }
  await model.take({ kind: 'restart', how: 'power' })
  if (!model.isBeyondReading) await model.take({ kind: 'restart', how: 'stop' })
}

function createModel(disk: SimulatedDisk) {
  let spool: Spool | undefined
  /** All that was ever appended under a sequence: what was lost before its sync may be followed by another. */
  const appended = new Map<number, Set<string>>()
  const promised = new Map<number, string>()
  /** Sequences whose bytes the test has touched. */
  const touched = new Set<number>()
  /** Of these, the ones it has cut off the end of a file: their numbers are known no more. */
  const cutOff = new Set<number>()
  let committed = 0
  /** What the caller has said, and what it was told is on disk. */
  let committedDurably = 0
  let isCursorTouched = false
  let isBeyondReading = false
  let touchedAny = false
  let isFilled = false
  let isSyncFailing = false
  let clock = createSimulatedClock()

  /** Runs `work` in the process that lives now; undefined if it is killed over it. */
  async function alive<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, disk.died.then(() => undefined)])
  }

  async function open() {
    for (;;) {
      clock = createSimulatedClock()
      forgetCutOff()
      const files = disk.files()
      spool = createSpool({ folder, files, clock, randomUint32: () => epoch, limits: modelLimits })
      try {
        const opening = await alive(spool.start())
        if (opening !== undefined) {
          assert.equal(opening.epoch, epoch)
          for (const sequence of promised.keys()) assert.ok(sequence < opening.nextSequence, `${sequence} would be given out again`)
          if (!isCursorTouched) {
            assert.ok(opening.cursor >= committedDurably, 'the cursor is lost')
            assert.ok(opening.firstSequence <= opening.cursor + 1, 'removed what is not drained')
          }
          await readAll(1)
          return
        }
      } catch (error) {
        const code = error instanceof SpoolError ? error.code : undefined
        isBeyondReading = code === 'damaged_beyond_reading' && touchedAny
        if (isBeyondReading) return
        // A failure planted earlier met the start: it must be told, and the next start must find all as it was.
        if (code === 'disk_full' && isFilled) fillDisk(Number.POSITIVE_INFINITY)
        else if (code !== 'disk_failed' || !isSyncFailing) throw error
        isSyncFailing = false
        continue
      }
      disk.restart(false)
    }
  }

  /** The end of a log cannot be told from a log that ends there, but for cursor and watermark: what both lack is forgotten. */
  function forgetCutOff() {
    const known = (file: string, kind: 'cursor' | 'watermark') =>
      disk.names(folder).includes(file) ? decodeSlots(kind, disk.content(path.join(folder, file))).newest?.numbers : undefined
    const watermark = known(watermarkFile, 'watermark')
    if (watermark === undefined) return
    const through = Math.max(watermark[2], known(cursorFile, 'cursor')?.[0] ?? 0)
    for (const sequence of cutOff) if (sequence > through) promised.delete(sequence)
    cutOff.clear()
  }

  function check(item: SpoolItem, expected: number): number {
    if (item.kind === 'record') {
      assert.equal(item.sequence, expected, 'order')
      const text = Buffer.from(item.bytes).toString('hex')
      assert.ok(appended.get(item.sequence)?.has(text), `wrong record ${item.sequence}`)
      assert.equal(text, promised.get(item.sequence) ?? text, `wrong record ${item.sequence}`)
      promised.set(item.sequence, text)
      return expected + 1
    }
    assert.equal(item.first, expected, 'order')
    assert.ok(item.last >= item.first, 'empty gap')
    for (let sequence = item.first; sequence <= Math.min(item.last, item.first + 5000); sequence++) {
      if (!promised.has(sequence) || touched.has(sequence)) continue
      assert.ok(item.reason === 'capped' && sequence <= committed, `lost record ${sequence}, said to be ${item.reason}`)
    }
    return item.last + 1
  }

  async function readAll(from: number) {
    const through = spool!.syncedThrough
    let expected = from
    for await (const item of spool!.read({ from })) expected = check(item, expected)
    assert.equal(expected, Math.max(from, through + 1), 'read to the end')
    // Another process may lag behind, but sees nothing else.
    let other = from
    for await (const item of openSpoolReader({ folder, files: disk.files(), clock }).read({ from })) other = check(item, other)
    assert.ok(other <= Math.max(from, spool!.syncedThrough + 1), 'another process reads what is not synced')
  }

  /** Lets the disk work until it is still. */
  async function settle() {
    const goal = spool!.appendedThrough
    for (let turn = 0; turn < 400 && spool!.syncedThrough < goal && !disk.isDead; turn++) {
      if (spool!.refusing === 'failed') return
      if (spool!.refusing === 'disk_full') return
      await new Promise(resolve => setImmediate(resolve))
    }
    if (!disk.isDead) assert.equal(spool!.syncedThrough, goal, 'synced in the end')
  }

  function remember(sequences: readonly number[]) {
    for (const sequence of sequences) {
      if (sequence > spool!.syncedThrough) continue
      const texts = [...appended.get(sequence)!]
      promised.set(sequence, texts.at(-1)!)
    }
  }

  function fillDisk(spareBytes: number) {
    isFilled = spareBytes !== Number.POSITIVE_INFINITY
    let usedBytes = 0
    for (const name of disk.names(folder)) usedBytes += disk.content(path.join(folder, name)).length
    disk.setCapacity(usedBytes + spareBytes)
  }

  /** The latest text under a sequence stands last. */
  function remembered(sequence: number, text: string) {
    const texts = appended.get(sequence) ?? new Set()
    texts.delete(text)
    appended.set(sequence, texts.add(text))
  }

  /** Which records the bytes of a segment from `start` to `end` belong to. */
  function recordsAt(first: number, start: number, end: number): number[] {
    const content = disk.content(path.join(folder, segmentFile(first)))
    const scanner = createScanner({ epoch, firstSequence: first, offset: segmentHeaderBytes, from: first })
    scanner.push(content.subarray(segmentHeaderBytes))
    const found: number[] = []
    for (let item = scanner.next(); item !== undefined; item = scanner.next()) {
      const last = item.offset + (item.kind === 'record' ? 16 + item.bytes.length : item.byteCount)
      if (item.kind === 'record' && item.offset < end && last > start) found.push(item.sequence)
    }
    return found
  }

  let unsynced: number[] = []

  return {
    get isBeyondReading() {
      return isBeyondReading
    },
    open,
    async take(step: Step): Promise<void> {
      if (disk.isDead && step.kind !== 'restart') {
        disk.restart(false)
        unsynced = []
        await open()
        if (isBeyondReading) return
      }
      switch (step.kind) {
        case 'append':
          for (const payload of step.payloads) {
            const bytes = Buffer.from(payload)
            const result = spool!.append(bytes)
            if (typeof result !== 'number') continue
            assert.ok(!promised.has(result), `${result} is given out again`)
            touched.delete(result)
            remembered(result, bytes.toString('hex'))
            unsynced.push(result)
            bytes.fill(0xee)
          }
          return
        case 'sync':
          await settle()
          break
        case 'read':
          await alive(readAll(Math.max(1, spool!.syncedThrough - step.back)))
          break
        case 'commit': {
          const sequence = Math.max(0, spool!.syncedThrough - step.back)
          if (spool!.refusing === 'failed') break
          committed = Math.max(committed, sequence)
          const results = await alive(Promise.allSettled([spool!.commitCursor(sequence)]))
          if (results?.[0].status === 'fulfilled') committedDurably = Math.max(committedDurably, sequence)
          break
        }
        case 'restart':
          remember(unsynced)
          if (step.how === 'stop' && !disk.isDead) await alive(spool!.stop())
          remember(unsynced)
          unsynced = []
          if (!disk.isDead) disk.kill()
          fillDisk(Number.POSITIVE_INFINITY)
          disk.restart(step.how === 'power')
          await open()
          return
        case 'killAt':
          disk.kill(step.changes)
          break
        case 'failSync':
          disk.failSyncs(1)
          isSyncFailing = true
          break
        case 'fillDisk': {
          if (step.spareBytes < 2000) {
            fillDisk(step.spareBytes)
            break
          }
          fillDisk(Number.POSITIVE_INFINITY)
          while (spool!.refusing === 'disk_full' && !disk.isDead) {
            clock.advance(diskRetryMsMax)
            await new Promise(resolve => setImmediate(resolve))
          }
          break
        }
        case 'flip':
        case 'truncate': {
          // Behind the back of a log that is not being written.
          remember(unsynced)
          unsynced = []
          if (!disk.isDead) disk.kill()
          const names = disk.names(folder).sort()
          const name = names[step.file % names.length]!
          const content = disk.content(path.join(folder, name))
          if (content.length === 0) break
          touchedAny = true
          if (name === cursorFile) isCursorTouched = true
          const at = step.at % content.length
          const [first] = segmentsAmong([name])
          if (step.kind === 'flip') {
            if (first !== undefined) for (const sequence of recordsAt(first, at, at + 1)) touched.add(sequence)
            disk.damage(path.join(folder, name), bytes => flipped(bytes, at, step.bit))
          } else if (first !== undefined) {
            for (const sequence of recordsAt(first, at, content.length)) {
              touched.add(sequence)
              cutOff.add(sequence)
            }
            disk.damage(path.join(folder, name), bytes => bytes.subarray(0, at))
          }
          break
        }
      }
      remember(unsynced)
      unsynced = unsynced.filter(sequence => sequence > spool!.syncedThrough)
    },
  }
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  if (at < bytes.length) bytes[at]! ^= 1 << bit
  return bytes
}
