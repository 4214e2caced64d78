import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLearnedFile, type LearnedFileEvent, type LearnedFileSystem } from './learned-file.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-learned-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A zone that knows one byte, and refuses all but one. */
function setUp(knows: number, files: LearnedFileSystem = { readFile, writeFile, rename }) {
  const events: LearnedFileEvent[] = []
  const due: (() => void)[] = []
  const zone = {
    knows,
    learned: () => Uint8Array.of(zone.knows),
    relearn(bytes: Uint8Array) {
      if (bytes.length !== 1) return { outcome: 'refused', reason: 'damaged' } as const
      zone.knows = bytes[0]!
      return { outcome: 'restored', cells: 1 } as const
    },
  }
  const file = createLearnedFile({
    path: path.join(folder, 'usual-traffic.bin'),
    zone,
    files,
    monotonicMs: () => 0,
    schedule(_ms, call) {
      due.push(call)
      return () => void due.splice(due.indexOf(call), 1)
    },
    onEvent: event => events.push(event),
  })
  return { zone, file, events, due, names: () => events.map(({ event }) => event) }
}

test('what one process learned the next one knows', async () => {
  const first = setUp(7)
  await first.file.start()
  await first.file.stop()
  await first.file.stop()
  expect(first.names()).toEqual(['learned_saved'])
  expect(first.due).toEqual([])
  const second = setUp(0)
  await second.file.start()
  expect([second.zone.knows, second.names()]).toEqual([7, ['learned_restored']])
  await second.file.stop()
})

test('it is written now and then, and the stop waits for that', async () => {
  const { zone, file, due, names } = setUp(1)
  await file.start()
  zone.knows = 2
  due.shift()!()
  zone.knows = 3
  expect(due.length).toBe(1)
  await file.stop()
  expect(names()).toEqual(['learned_saved', 'learned_saved'])
  expect([...(await readFile(path.join(folder, 'usual-traffic.bin')))]).toEqual([3])
})

test('a file that does not fit, or a disk that fails, is told and stops nothing', async () => {
  await writeFile(path.join(folder, 'usual-traffic.bin'), 'letter')
  const foreign = setUp(5)
  await foreign.file.start()
  await foreign.file.stop()
  expect([foreign.zone.knows, foreign.names()]).toEqual([5, ['learned_refused', 'learned_saved']])
  const fails = () => Promise.reject(new Error('disk'))
  const broken = setUp(5, { readFile: fails, writeFile: fails, rename: fails })
  await broken.file.start()
  await broken.file.stop()
  expect(broken.names()).toEqual(['learned_failed', 'learned_failed'])
})
