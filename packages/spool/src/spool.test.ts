import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createSpool } from './create-spool.js'
import type { Files } from './files.js'
import type { SpoolLimits } from './limits.js'
import { createSimulatedClock } from './simulated-clock.js'
import { createSimulatedDisk } from './simulated-disk.js'
import type { Retention, SpoolItem } from './spool.js'
import { spoolErrorCodes } from './spool-error.js'
import type { SpoolEvent } from './spool-event.js'

const folder = '/log'
const hundred = Buffer.alloc(100, 1)
const small: SpoolLimits = {
  segmentBytes: 400,
  recordBytesMax: 200,
  pendingBytesMax: 1000,
  capBytes: 4000,
  reserveBytes: 0,
  syncWithinMs: 0,
}

function setUp(changes: { limits?: Partial<SpoolLimits>; retain?: Retention; wrap?: (files: Files) => Files } = {}) {
  const disk = createSimulatedDisk({ random: () => 0.5 })
  const clock = createSimulatedClock()
  const events: SpoolEvent[] = []
  const { limits, retain = 'until-drained', wrap = files => files } = changes
  const open = () =>
    createSpool({
      folder,
      files: wrap(disk.files()),
      clock,
      randomUint32: () => 3,
      limits: { ...small, ...limits },
      retain,
      onEvent: event => events.push(event),
    })
  return { disk, clock, events, open }
}

/** Lets the loop turn until something holds. */
async function until(holds: () => boolean) {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

async function turns(count: number) {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}

async function collect(items: AsyncIterable<SpoolItem>) {
  const found: SpoolItem[] = []
  for await (const item of items) found.push(item)
  return found
}

test('wrong limits are named with what is allowed', () => {
  const wrong =
    (limits: Partial<SpoolLimits>, retain: Retention = 'forever') =>
    () =>
      setUp({ limits, retain }).open()
  expect(wrong({ segmentBytes: 10 })).toThrow('spool limit segmentBytes is 10; must be an integer from 264 to 2147483648')
  expect(wrong({ syncWithinMs: -1 })).toThrow('syncWithinMs')
  expect(wrong({ capBytes: 500 })).toThrow('capBytes')
  expect(wrong({ pendingBytesMax: 100 })).toThrow('pendingBytesMax')
  expect(wrong({}, { bytes: 1, ms: 1 })).toThrow('spool retention bytes is 1; must be from 400 to 4000')
})

test('what cannot be taken is refused with its reason, and calls out of time too', async () => {
  const { open } = setUp()
  const spool = open()
  expect(spool.append(hundred)).toEqual({ refused: 'closed' })
  await expect(spool.commitCursor(0)).rejects.toMatchObject({ code: 'closed' })
  await spool.start()
  await expect(spool.start()).rejects.toMatchObject({ code: 'closed' })
  expect(spool.append(Buffer.alloc(201))).toEqual({ refused: 'too_large' })
  expect([1, 2, 3, 4].map(() => spool.append(hundred))).toEqual([1, 2, 3, 4])
  expect(spool.append(hundred)).toEqual({ refused: 'pending_full' })
  await expect(spool.whenSynced(5)).rejects.toMatchObject({ code: 'not_appended' })
  await expect(spool.commitCursor(1)).rejects.toMatchObject({ code: 'not_appended' })
  await spool.whenSynced(4)
  expect(spool.refusing).toBeUndefined()
  await Promise.all([spool.stop(), spool.stop()])
  expect(spool.append(hundred)).toEqual({ refused: 'closed' })
  await expect(spool.whenSynced(5)).rejects.toMatchObject({ code: 'closed' })
})

test('records wait for company no longer than syncWithinMs, and share syncs', async () => {
  let syncs = 0
  const { clock, open } = setUp({
    limits: { syncWithinMs: 5, pendingBytesMax: 4000 },
    wrap: files => ({
      ...files,
      async open(file, mode) {
        const opened = await files.open(file, mode)
        return {
          ...opened,
          sync() {
            if (file.endsWith('.segment')) syncs++
            return opened.sync()
          },
        }
      },
    }),
  })
  const spool = open()
  await spool.start()
  syncs = 0
  spool.append(hundred)
  spool.append(hundred)
  clock.advance(4)
  await turns(50)
  expect([spool.syncedThrough, syncs]).toEqual([0, 0])
  clock.advance(1)
  await spool.whenSynced(2)
  expect(syncs).toBe(1)
  await spool.stop()
})

test('the cap refuses, drops nothing, and ends when the cursor lets segments go', async () => {
  const { events, open } = setUp()
  const spool = open()
  await spool.start()
  let last = 0
  for (;;) {
    const result = spool.append(hundred)
    if (typeof result === 'number') last = result
    else if (result.refused === 'pending_full') await spool.whenSynced(last)
    else {
      expect(result).toEqual({ refused: 'full' })
      break
    }
  }
  await spool.whenSynced(last)
  expect(spool.heldBytes).toBeLessThanOrEqual(small.capBytes)
  expect((await collect(spool.read({ from: 1 }))).map(item => item.kind)).toEqual(Array(last).fill('record'))
  await spool.commitCursor(last - 1)
  await until(() => typeof spool.append(hundred) === 'number')
  expect(events.filter(({ event }) => event === 'cap_reached')).toHaveLength(1)
  await until(() => spool.firstSequence >= last - 3)
  const [first] = await collect(spool.read({ from: 1 }))
  expect(first).toEqual({ kind: 'gap', first: 1, last: spool.firstSequence - 1, reason: 'capped' })
  await spool.stop()
})

test('nothing is removed before the cursor that lets it go is on disk', async () => {
  let letThrough = () => {}
  let gate: Promise<void> | undefined
  const { clock, open } = setUp({
    wrap: files => ({
      ...files,
      async open(file, mode) {
        const opened = await files.open(file, mode)
        if (path.basename(file) !== 'cursor') return opened
        return {
          ...opened,
          async sync() {
            await gate
            await opened.sync()
          },
        }
      },
    }),
  })
  const spool = open()
  await spool.start()
  for (let round = 0; round < 12; round++) await spool.whenSynced(spool.append(hundred) as number)
  gate = new Promise(resolve => {
    letThrough = resolve
  })
  const committed = spool.commitCursor(12)
  clock.advance(3000)
  await turns(50)
  expect(spool.firstSequence).toBe(1)
  letThrough()
  await committed
  await until(() => spool.firstSequence > 9)
  await spool.stop()
})

test('what is drained goes within an hour, though the segment is not full and nothing comes after it', async () => {
  const { clock, events, open } = setUp()
  const spool = open()
  await spool.start()
  await spool.whenSynced(spool.append(hundred) as number)
  await spool.commitCursor(1)
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      clock.advance(60_000)
      await turns(30)
    }
  }
  await minutes(59)
  expect(spool.firstSequence).toBe(1)
  await minutes(3)
  expect(spool.firstSequence).toBe(2)
  expect(events).toContainEqual(expect.objectContaining({ event: 'segment_removed', reason: 'drained' }))
  // What is not drained stays, in a segment of its own hour.
  await spool.whenSynced(spool.append(hundred) as number)
  await minutes(130)
  expect(spool.firstSequence).toBe(2)
  await spool.stop()
})

test('retention by bytes and by age lets whole old segments go, whatever the cursor', async () => {
  const { clock, events, open } = setUp({ retain: { bytes: 1000, ms: 60_000 } })
  const spool = open()
  await spool.start()
  for (let round = 0; round < 12; round++) await spool.whenSynced(spool.append(hundred) as number)
  clock.advance(1000)
  await until(() => spool.heldBytes <= 1000)
  clock.advance(60_000)
  await until(() => events.some(event => event.event === 'segment_removed' && event.reason === 'bytes'))
  clock.advance(7_000)
  for (let second = 0; second < 90 && spool.firstSequence <= 12; second++) {
    clock.advance(1000)
    await turns(30)
  }
  expect(spool.firstSequence).toBe(13)
  expect(events.some(event => event.event === 'segment_removed' && event.reason === 'age')).toBe(true)
  expect(spool.append(hundred)).toBe(13)
  await spool.stop()
})

test('what is drained is kept for a while, and goes at once where room is wanted', async () => {
  const { clock, events, open } = setUp({ retain: { drainedMs: 60_000 } })
  const spool = open()
  await spool.start()
  for (let round = 0; round < 12; round++) await spool.whenSynced(spool.append(hundred) as number)
  await spool.commitCursor(12)
  clock.advance(30_000)
  await turns(100)
  expect([spool.firstSequence, await collect(spool.read({ from: 1 }))]).toMatchObject([1, { length: 12 }])
  for (let second = 0; second < 40; second++) {
    clock.advance(1000)
    await turns(30)
  }
  expect(spool.firstSequence).toBeGreaterThan(9)
  // Not drained: kept however old it is.
  const from = spool.appendedThrough + 1
  for (let round = 0; round < 12; round++) await spool.whenSynced(spool.append(hundred) as number)
  clock.advance(120_000)
  await turns(100)
  expect(spool.firstSequence).toBeLessThanOrEqual(from)
  // More than half of what it may hold: room comes first.
  for (let round = 0; round < 10; round++) await spool.whenSynced(spool.append(hundred) as number)
  expect(spool.heldBytes).toBeGreaterThan(2_000)
  await spool.commitCursor(spool.syncedThrough)
  await until(() => spool.heldBytes <= 2_000)
  expect(spool.heldBytes).toBeGreaterThan(1_000)
  expect(new Set(events.map(each => (each.event === 'segment_removed' ? each.reason : 'drained')))).toEqual(new Set(['drained']))
  await spool.stop()
})

test('a failed sync closes the log for good: told, refused, never tried again, reading goes on', async () => {
  const { disk, events, open } = setUp()
  const spool = open()
  await spool.start()
  await spool.whenSynced(spool.append(Buffer.from('safe')) as number)
  const ended = collect(spool.follow({ from: 1, signal: AbortSignal.timeout(60_000) }))
  disk.failSyncs(1)
  const sequence = spool.append(hundred) as number
  await expect(spool.whenSynced(sequence)).rejects.toMatchObject({ code: 'failed', retriable: false })
  expect([spool.append(hundred), spool.refusing]).toEqual([{ refused: 'failed' }, 'failed'])
  await expect(spool.whenSynced(sequence)).rejects.toMatchObject({ code: 'failed' })
  await expect(spool.commitCursor(1)).rejects.toMatchObject({ code: 'failed' })
  await turns(50)
  expect(spool.syncedThrough).toBe(1)
  expect(await collect(spool.read({ from: 1 }))).toHaveLength(1)
  expect(events.filter(({ event }) => event === 'log_failed')).toHaveLength(1)
  await spool.stop()
  expect(await ended).toHaveLength(1)
})

test('below the reserve nothing is taken; with space again it goes on by itself', async () => {
  const { disk, clock, events, open } = setUp({ limits: { reserveBytes: 10_000 } })
  const spool = open()
  await spool.start()
  disk.setCapacity(14_000)
  clock.advance(1000)
  await turns(20)
  let taken = 0
  while (typeof spool.append(hundred) === 'number') await spool.whenSynced(++taken)
  expect(spool.append(hundred)).toEqual({ refused: 'disk_reserve' })
  expect(taken).toBeGreaterThan(0)
  disk.setCapacity(Number.MAX_SAFE_INTEGER)
  clock.advance(1000)
  await until(() => typeof spool.append(hundred) === 'number')
  await spool.whenSynced(spool.appendedThrough)
  expect(events.filter(({ event }) => event === 'disk_filled')).toEqual([])
  await spool.stop()
})

test('a full disk is waited out: what was accepted is kept and written, without a restart', async () => {
  const { disk, clock, events, open } = setUp()
  const spool = open()
  await spool.start()
  disk.setCapacity(0)
  const sequences = [1, 2, 3].map(() => spool.append(hundred) as number)
  await until(() => spool.refusing === 'disk_full')
  expect(spool.append(hundred)).toEqual({ refused: 'disk_full' })
  disk.setCapacity(Number.MAX_SAFE_INTEGER)
  const synced = spool.whenSynced(sequences.at(-1)!)
  clock.advance(5000)
  await synced
  expect(spool.refusing).toBeUndefined()
  expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['disk_filled', 'disk_recovered']))
  await spool.stop()
})

test('followers get each record as it is synced, from the process itself, and end on abort and on stop', async () => {
  const { open } = setUp({ limits: { pendingBytesMax: 100_000, capBytes: 100_000 } })
  const spool = open()
  await spool.start()
  const abort = new AbortController()
  const seen: number[] = []
  const aborted = (async () => {
    for await (const item of spool.follow({ from: 1, signal: abort.signal })) {
      if (item.kind !== 'record') throw new Error('a gap')
      expect(item.sequence).toBeLessThanOrEqual(spool.syncedThrough)
      seen.push(item.sequence)
      if (item.sequence === 200) abort.abort()
    }
  })()
  const later = collect(spool.follow({ from: 150 }))
  for (let sequence = 1; sequence <= 200; sequence++) {
    expect(spool.append(hundred)).toBe(sequence)
    if (sequence % 7 === 0) await turns(3)
  }
  await aborted
  expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  await spool.stop()
  expect(await later).toHaveLength(51)
})

test('foreign, newer and mixed folders are refused with advice, and left as they are', async () => {
  const { disk, open } = setUp()
  const spool = open()
  await spool.start()
  await spool.whenSynced(spool.append(hundred) as number)
  const second = open()
  await expect(second.start()).rejects.toMatchObject({ code: 'locked', retriable: true })
  await second.stop()
  await spool.stop()
  const file = path.join(folder, '0000000000000001.segment')
  const original = Buffer.from(disk.content(file))
  const stranger = createSimulatedDisk({ random: () => 0.5 })
  const others = createSpool({ folder, files: stranger.files(), clock: createSimulatedClock(), randomUint32: () => 4, limits: small })
  await others.start()
  await others.stop()
  disk.damage(file, () => Buffer.from(stranger.content(file)))
  await expect(open().start()).rejects.toMatchObject({ code: 'folder_foreign', message: expect.stringContaining('files of two logs') })
  disk.damage(file, () => original)
  const again = open()
  expect(await again.start()).toMatchObject({ nextSequence: 2, created: false, damaged: false, cutBytes: 0 })
  await again.stop()
})

test('the documented error codes are the table', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/spool.md'), 'utf8')
  const documented = [...text.matchAll(/^\| `(\w+)` +\| (yes|no) +\|/gm)].map(([, code, retriable]) => [
    code,
    { retriable: retriable === 'yes' },
  ])
  expect(Object.fromEntries(documented)).toEqual(spoolErrorCodes)
})
