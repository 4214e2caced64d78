// Every byte of a small log, flipped one after another.
import path from 'node:path'
import { expect, test } from 'vitest'
import { createSpool } from './create-spool.js'
import { verifySpool } from './inspect-spool.js'
import { createSimulatedClock } from './simulated-clock.js'
import { createSimulatedDisk, type SimulatedDisk } from './simulated-disk.js'
import type { SpoolItem } from './spool.js'
import { openSpoolReader } from './spool-reader.js'

const folder = '/log'
const limits = { segmentBytes: 240, recordBytesMax: 100, pendingBytesMax: 4096, capBytes: 10_000, reserveBytes: 0, syncWithinMs: 0 }
const texts = ['', 'first', 'a record that is somewhat longer than the others', 'x', 'five', 'the sixth record', 'seven', 'the last']
const clock = createSimulatedClock()

async function writtenDisk(): Promise<SimulatedDisk> {
  const disk = createSimulatedDisk({ random: () => 0.5 })
  const spool = createSpool({ folder, files: disk.files(), clock, randomUint32: () => 9, limits, retain: 'forever' })
  await spool.start()
  for (const text of texts) spool.append(Buffer.from(text))
  await spool.whenSynced(texts.length)
  await spool.commitCursor(2)
  await spool.stop()
  return disk
}

/** The items as text, each sequence once, checked against what was written. */
async function readAll(items: AsyncIterable<SpoolItem>) {
  const lost: number[] = []
  let expected = 1
  for await (const item of items) {
    if (item.kind === 'record') {
      expect([item.sequence, Buffer.from(item.bytes).toString()]).toEqual([expected, texts[expected - 1]])
      expected++
      continue
    }
    expect(item.first).toBe(expected)
    for (let sequence = item.first; sequence <= item.last; sequence++) lost.push(sequence)
    expected = item.last + 1
  }
  return { lost, through: expected - 1 }
}

test('each flip is detected and located, the rest is read, and never a wrong record', async () => {
  const sample = await writtenDisk()
  const names = sample.names(folder).sort()
  expect(names).toHaveLength(4)
  const lostEver = new Set<number>()
  for (const name of names) {
    const file = path.join(folder, name)
    for (let at = 0; at < sample.content(file).length; at++) {
      const content = names.map(each => [path.join(folder, each), sample.content(path.join(folder, each))] as const)
      const disk = createSimulatedDisk({ random: () => 0.5, content })
      disk.damage(file, bytes => {
        bytes[at]! ^= 1 << (at % 8)
        return bytes
      })
      const before = disk.content(file)
      const report = await verifySpool({ folder, files: disk.files() })
      expect(report.damageCount).toBe(1)
      const damage = report.damage[0]!
      expect(damage.file).toBe(name)
      expect(at).toBeGreaterThanOrEqual(damage.offset)
      expect(at).toBeLessThan(damage.offset + damage.byteCount)
      expect(disk.content(file).equals(before)).toBe(true)
      const lostByReport = damage.lost === undefined ? [] : [damage.lost.first]
      expect(damage.lost?.last ?? lostByReport[0]).toBe(lostByReport[0])

      const reader = openSpoolReader({ folder, files: disk.files(), clock })
      expect(await readAll(reader.read({ from: 1 }))).toEqual({ lost: lostByReport, through: texts.length })

      const spool = createSpool({ folder, files: disk.files(), clock, randomUint32: () => 10, limits, retain: 'forever' })
      const opening = await spool.start()
      expect([opening.epoch, opening.cutBytes]).toEqual([9, 0])
      const { lost, through } = await readAll(spool.read({ from: 1 }))
      expect(lost.slice(0, 1)).toEqual(lostByReport)
      expect(lost.slice(1).every(sequence => sequence > texts.length)).toBe(true)
      expect(spool.append(Buffer.from('more'))).toBe(through + 1)
      await spool.stop()
      for (const sequence of lostByReport) lostEver.add(sequence)
    }
  }
  expect([...lostEver].sort()).toEqual(texts.map((_, index) => index + 1))
}, 60_000)

test('an undamaged log verifies as sound, and a torn tail is no damage', async () => {
  const disk = await writtenDisk()
  const files = disk.files()
  expect((await verifySpool({ folder, files })).damageCount).toBe(0)
  const newest = disk
    .names(folder)
    .sort()
    .findLast(name => name.endsWith('.segment'))!
  disk.damage(path.join(folder, newest), bytes => Buffer.concat([bytes, Buffer.from('torn off here')]))
  expect(await verifySpool({ folder, files })).toMatchObject({ damageCount: 0, tornBytes: 13, records: texts.length })
})
