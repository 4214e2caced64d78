// The embedded event log among processes that die, in folders that are damaged or are not its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createFileEventLog, type EventLog, type EventLogEvent, type FileEventLogOptions, type Gap } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const memberScript = fileURLToPath(new URL('./member.mjs', import.meta.url))
const randomUint32 = () => randomInt(2 ** 32)
const topic = { topic: 'events', partitions: 1, retentionMs: Number.POSITIVE_INFINITY, compacted: false }

let folder: string
const logs: EventLog[] = []
const children: ChildProcess[] = []
const events: EventLogEvent[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'event-log-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await killed(child)
  await Promise.all(logs.splice(0).map(log => log.stop()))
  rmSync(folder, { recursive: true })
  events.length = 0
})

function create(options: Partial<FileEventLogOptions> = {}): EventLog {
  const log = createFileEventLog({
    folder,
    writer: 'test',
    files: nodeFiles,
    clock: nodeClock,
    randomUint32,
    onEvent: event => events.push(event),
    ...options,
  })
  logs.push(log)
  return log
}

async function started(options: Partial<FileEventLogOptions> = {}): Promise<EventLog> {
  const log = create(options)
  await log.start()
  await log.ensureTopics([topic])
  return log
}

/** Appends each as a record of its own sync group, so that they lie apart on disk. */
async function appendAll(log: EventLog, values: readonly string[]): Promise<void> {
  for (const value of values) await log.append({ topic: topic.topic, records: [{ key: 'k', value: Buffer.from(value), timeMs: 1 }] })
}

async function readUntil(log: EventLog, isEnough: (values: readonly string[], gaps: readonly Gap[]) => boolean, group = 'readers') {
  const values: string[] = []
  const gaps: Gap[] = []
  const done = new AbortController()
  const consumer = log.consume({
    group,
    topics: [topic.topic],
    from: 'committed',
    signal: done.signal,
    async onBatch({ records, gap }) {
      if (gap) gaps.push(gap)
      values.push(...records.map(each => String(each.value)))
      if (isEnough(values, gaps)) done.abort()
    },
  })
  await consumer.finished
  return { values, gaps }
}

function startMember(
  writer: string,
  job: 'append' | 'consume',
  group = 'g',
): { child: ChildProcess; lines: string[]; count: (lines: number) => Promise<void> } {
  const child = spawn(process.execPath, [memberScript, folder, writer, job, topic.topic, group], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines: string[] = []
  const reader = readline.createInterface({ input: child.stdout! }).on('line', line => lines.push(line))
  const count = async (wanted: number) => {
    while (lines.length < wanted) await once(reader, 'line')
  }
  return { child, lines, count }
}

async function killed(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

test('two writing processes, one killed again and again: all that was acknowledged is read, once, in order', async () => {
  const log = await started()
  const steady = startMember('steady', 'append')
  const acknowledged: string[] = []
  for (let round = 0; round < 3; round++) {
    const mortal = startMember('mortal', 'append')
    await mortal.count(40)
    await killed(mortal.child)
    acknowledged.push(...mortal.lines)
  }
  await steady.count(100)
  await killed(steady.child)
  acknowledged.push(...steady.lines)
  const { values } = await readUntil(log, read => acknowledged.every(each => read.includes(each)))
  expect(new Set(values).size).toBe(values.length)
  for (const writer of ['steady', 'mortal']) {
    const numbers = values.filter(each => each.startsWith(writer)).map(each => Number(each.split(':')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
  expect((await log.positions(topic.topic)).map(each => each.partition.split('@')[0])).toEqual(['mortal', 'steady'])
})

test('a member that is killed hands its partitions to the others; nothing is left out', async () => {
  const log = await started()
  const other = await started({ writer: 'other' })
  const first = startMember('c1', 'consume')
  const second = startMember('c2', 'consume')
  const appended: string[] = []
  let n = 0
  while (first.lines.length === 0 || second.lines.length === 0) {
    await appendAll(log, [`a${n}`])
    await appendAll(other, [`b${n}`])
    appended.push(`a${n}`, `b${n}`)
    n++
  }
  await killed(first.child)
  await appendAll(log, ['a-last'])
  await appendAll(other, ['b-last'])
  appended.push('a-last', 'b-last')
  while (!(second.lines.includes('a-last') && second.lines.includes('b-last'))) await once(second.child.stdout!, 'data')
  const read = new Set([...first.lines, ...second.lines])
  expect(appended.filter(each => !read.has(each))).toEqual([])
})

test('two processes cannot write under one name', async () => {
  const log = await started()
  await appendAll(log, ['x'])
  const twin = await started()
  await expect(appendAll(twin, ['y'])).rejects.toMatchObject({
    code: 'writer_in_use',
    message: expect.stringContaining(String(process.pid)),
  })
})

test('a damaged record is a gap that the reader is told, with what lies around it', async () => {
  const log = await started()
  await appendAll(log, ['one', 'two-damaged', 'three'])
  await log.stop()
  const spool = path.join(folder, 'topics', topic.topic, 'test')
  const segment = path.join(spool, readdirSync(spool).find(name => name.endsWith('.segment'))!)
  const bytes = readFileSync(segment)
  bytes[bytes.indexOf('two-damaged')]! ^= 0x20
  writeFileSync(segment, bytes)
  const { values, gaps } = await readUntil(create(), read => read.includes('three'))
  expect(values).toEqual(['one', 'three'])
  expect(gaps).toEqual([{ fromOffset: 2, toOffset: 3, reason: 'damaged' }])
  expect(events).toContainEqual(expect.objectContaining({ event: 'gap_read', reason: 'damaged', fromOffset: 2, toOffset: 3 }))
})

describe('folders that will not do', () => {
  test('a folder of something else is left alone', async () => {
    writeFileSync(path.join(folder, 'holiday.jpg'), 'x')
    await expect(create().start()).rejects.toMatchObject({ code: 'log_foreign', message: expect.stringContaining('holiday.jpg') })
    expect(readdirSync(folder)).toEqual(['holiday.jpg'])
  })

  test('a file where the folder should be', async () => {
    const file = path.join(folder, 'file')
    writeFileSync(file, 'x')
    await expect(create({ folder: file }).start()).rejects.toMatchObject({ code: 'log_failed', message: expect.stringContaining(file) })
  })

  test('no log, where none is to be made', async () => {
    await expect(create({ create: false }).start()).rejects.toMatchObject({
      code: 'log_foreign',
      message: expect.stringContaining('no event log'),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('damaged files of our own: each named, with what to do', async () => {
    const log = await started()
    await appendAll(log, ['x'])
    await readUntil(log, read => read.length === 1)
    await log.stop()
    const offsets = path.join(folder, 'groups', 'readers', 'offsets', topic.topic)
    for (const name of readdirSync(offsets)) writeFileSync(path.join(offsets, name), 'rubbish')
    await expect(readUntil(create(), () => true)).rejects.toMatchObject({
      code: 'log_damaged',
      message: expect.stringContaining(path.join('groups', 'readers', 'offsets')),
    })
    const settings = path.join(folder, 'topics', topic.topic, 'settings')
    writeFileSync(settings, 'rubbish')
    const damaged = create()
    await damaged.start()
    await expect(appendAll(damaged, ['y'])).rejects.toMatchObject({ code: 'log_damaged', message: expect.stringContaining(settings) })
    expect(await damaged.checkTopics([topic])).toMatchObject([{ state: 'differs' }])
    expect(await damaged.ensureTopics([topic])).toMatchObject([{ state: 'created' }])
    expect((await readUntil(damaged, read => read.length === 1, 'others')).values).toEqual(['x'])
    writeFileSync(path.join(folder, 'event-log'), 'rubbish')
    await expect(create().start()).rejects.toMatchObject({
      code: 'log_damaged',
      message: expect.stringContaining(path.join(folder, 'event-log')),
    })
  })

  test('a writer or group name that is no name', async () => {
    await expect(create({ writer: '../up' }).start()).rejects.toMatchObject({ code: 'invalid_record' })
    const log = await started()
    await expect(
      log.consume({ group: 'a/b', topics: [topic.topic], from: 'committed', onBatch: async () => {} }).finished,
    ).rejects.toMatchObject({ code: 'invalid_record' })
  })

  test('something else among the writers of a topic', async () => {
    const log = await started()
    mkdirSync(path.join(folder, 'topics', topic.topic, 'foreign'))
    writeFileSync(path.join(folder, 'topics', topic.topic, 'foreign', 'watermark'), 'rubbish'.repeat(200))
    await appendAll(log, ['x'])
    const { values } = await readUntil(log, read => read.length === 1)
    expect(values).toEqual(['x'])
    while (!events.some(each => each.event === 'partition_unreadable')) await log.positions(topic.topic)
    expect(events).toContainEqual(expect.objectContaining({ event: 'partition_unreadable', writer: 'foreign' }))
  })
})
