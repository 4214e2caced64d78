// Tables that repeat what the protos or the documents say must say the same.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { formatAlertKey, parseAlertKey } from './alert-key.js'
import { causes, findCause, srtiCategory } from './causes.js'
import { closeCodes } from './close-codes.js'
import { eventFlagMask, eventFlags, flagBit, flags, lastFlag } from './flags.js'
import { frameTypes } from './frame-types.js'
import { lanes } from './lanes.js'
import { topics } from './topics.js'

/** Names and numbers of an enum, without prefix and the value for "not said". */
function valuesOf(values: Record<string, string | number>, prefix: string): Record<string, number> {
  const entries = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] !== 0)
  return Object.fromEntries(entries.map(([name, number]) => [name.slice(prefix.length), number]))
}

test('flags are the wire enum under the names of traces', () => {
  const expected = valuesOf(outrider.v1.Flag as never, 'FLAG_')
  expect(Object.fromEntries(Object.entries(flags).map(([name, number]) => [name.toUpperCase(), number]))).toEqual(expected)
  expect(Math.max(...Object.values(flags))).toBe(lastFlag)
  expect(lastFlag).toBeLessThanOrEqual(32)
})

test('event flags are bits of the mask', () => {
  expect(eventFlags.every(name => (eventFlagMask & flagBit(name)) !== 0)).toBe(true)
  expect(eventFlagMask & flagBit('light_bar')).toBe(0)
  expect(flagBit('hazard_lights')).toBe(1)
})

test('causes are the wire enum', () => {
  const expected = valuesOf(outrider.v1.CauseCode as never, 'CAUSE_CODE_')
  const asWire = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
  expect(Object.fromEntries(Object.entries(causes).map(([name, { code }]) => [asWire(name), code]))).toEqual(expected)
})

test('families and SRTI categories are those of the documents', () => {
  const families = [[2, 92], [91, 94], [1, 27], [6, 7, 9], [17, 18, 19], [97, 99]] as const // biome-ignore format: one line as in the document
  for (const family of families) expect(new Set(family.map(code => findCause(code)?.family)).size).toBe(1)
  expect(new Set(families.map(([code]) => findCause(code)?.family)).size).toBe(families.length)
  const srti = {
    a: ['6', '7'],
    b: ['9/1', '10', '11', '12'],
    c: ['2/7', '92'],
    d: ['3', '4', '15', '26/1'],
    e: ['18'],
    f: ['14'],
    g: ['5', '94'],
    h: ['17', '19'],
  }
  for (const [category, list] of Object.entries(srti)) {
    for (const entry of list) {
      const [code, subCause = 0] = entry.split('/').map(Number)
      expect([entry, srtiCategory(code!, subCause)]).toEqual([entry, category])
    }
  }
  const expected = Object.values(srti)
    .flat()
    .filter(entry => !entry.includes('/'))
    .map(Number)
  const withCategory = Object.values(causes)
    .map(cause => cause.code)
    .filter(code => srtiCategory(code, 0) !== undefined)
  expect(withCategory).toEqual(expected.sort((a, b) => a - b))
})

test('close codes are numbered apart, in the range free for applications', () => {
  const codes = Object.values(closeCodes).map(entry => entry.code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes.every(code => code >= 4000 && code <= 4999)).toBe(true)
})

test('topic names are apart, and only the compacted one has no retention', () => {
  const all = Object.values(topics)
  expect(new Set(all.map(topic => topic.name)).size).toBe(all.length)
  expect(all.filter(topic => topic.compacted !== (topic.retentionHours === undefined))).toEqual([])
})

test('lanes are the wire enum', () => {
  expect(lanes).toEqual({ urgent: 1, telemetry: 2 })
})

test('an alert key gives the identity back, and nothing else is one', () => {
  const node = fc.string({ minLength: 1 }).filter(text => !text.includes('/'))
  const word = fc.integer({ min: 0, max: 0xffff_ffff })
  const check = (id: { node: string; boot: number; sequence: number }) => {
    expect(parseAlertKey(formatAlertKey(id))).toEqual(id)
  }
  fc.assert(fc.property(fc.record({ node, boot: word, sequence: word }), check), { seed: 9 })
  for (const text of ['', 'a/b/c', 'a/00000001/4294967296', 'a/1/1', 'a/b/00000001/1', 'a/00000001/01'])
    expect(parseAlertKey(text)).toBeUndefined()
})

test('docs/wire.md repeats frames and close codes as they are', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/wire.md'), 'utf8')
  const rows = page.split('\n').flatMap(line =>
    line.startsWith('| ')
      ? [
          line
            .split('|')
            .slice(1, -1)
            .map(cell => cell.trim()),
        ]
      : [],
  )
  const frameRows = rows.filter(row => Object.hasOwn(frameTypes, row[0]!))
  const digits = (value: number) => value.toLocaleString('en-US')
  expect(frameRows).toEqual(
    Object.entries(frameTypes).map(([name, type]) => [name, String(type.number), type.sentBy, digits(type.bytesMax)]),
  )
  const codeRows = rows.filter(row => /^4[0-9]{3}$/.test(row[0]!)).map(row => [row[0], row[1], row[3]])
  const expected = Object.entries(closeCodes).map(([name, entry]) => [
    String(entry.code),
    name,
    entry.reconnect === 'never' ? '–' : digits(entry.afterMs),
  ])
  expect(codeRows).toEqual(expected)
})
