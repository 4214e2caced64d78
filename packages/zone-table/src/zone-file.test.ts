import { expect, test } from 'vitest'
import { createZoneFile, type ZoneFileOptions } from './zone-file.js'

const points = [
  { latitudeE7: 0, longitudeE7: 0 },
  { latitudeE7: 0, longitudeE7: 1_000_000 },
  { latitudeE7: 1_000_000, longitudeE7: 0 },
]
const area = { polygons: [{ outer: { points } }] }
const table = (more: object = {}, footprint: object = {}) => ({
  version: 1,
  zones: [{ name: 'z', footprints: [{ name: 'f', area, owner: 'a', successors: ['b'], ...footprint }] }],
  nodes: [
    { name: 'a', zone: 'z' },
    { name: 'b', zone: 'z' },
  ],
  ...more,
})

const path = 'zones.json'

/** Files in memory. */
function createFiles(texts: Record<string, string>) {
  const looks: (() => void)[] = []
  const files = {
    async readFile(name: string) {
      if (name === path) for (const look of looks.splice(0)) look()
      const text = texts[name]
      if (text === undefined) throw new Error('no such file')
      return text
    },
    async mkdir() {},
    async writeFile(name: string, text: string) {
      texts[name] = text
    },
    async rename(from: string, to: string) {
      texts[to] = texts[from]!
      delete texts[from]
    },
  }
  return {
    files: files as unknown as ZoneFileOptions['files'],
    /** Two looks: the first may have begun before a text changed. */
    async looked() {
      for (let i = 0; i < 3; i++) await new Promise<void>(resolve => looks.push(resolve))
    },
  }
}

const textOf = (version: number) => JSON.stringify(table({ version }))

test('a file that goes wrong, or back, leaves the table that is in use', async () => {
  const texts: Record<string, string> = { [path]: textOf(5) }
  const { files, looked } = createFiles(texts)
  const events: string[] = []
  const changes: number[] = []
  const file = createZoneFile({
    path,
    files,
    onEvent: ({ event }) => events.push(event),
    onChange: zones => changes.push(zones.table.version ?? 0),
    pollMs: 1,
  })
  await file.load()
  file.watch()
  for (const next of ['{', textOf(4)]) {
    texts[path] = next
    await looked()
    expect(file.current().table.version).toBe(5)
    expect(file.problems()).toHaveLength(1)
  }
  texts[path] = textOf(6)
  await looked()
  expect([file.current().table.version, file.problems()]).toEqual([6, []])
  await file.stop()
  expect(changes).toEqual([6])
  expect(events).toEqual(['zone_table_loaded', 'zone_table_refused', 'zone_table_refused', 'zone_table_loaded'])
})

test('a higher version that is offered takes the place of the file’s, is kept, and counts at the next start', async () => {
  const texts: Record<string, string> = { [path]: textOf(2) }
  const { files } = createFiles(texts)
  const events: string[] = []
  const open = () =>
    createZoneFile({
      path,
      cacheFolder: 'data',
      files,
      check: zones => (zones.table.version === 8 ? ['of no use'] : []),
      onEvent: ({ event }) => events.push(event),
    })
  const first = open()
  await first.load()
  for (const version of [1, 2, 7, 7, 6, 8]) await first.offer(table({ version }))
  expect(first.current().table.version).toBe(7)
  expect(first.problems()).toEqual(['of no use'])
  await first.stop()

  const second = open()
  await second.load()
  expect(second.current().table.version).toBe(7)
  expect(second.problems()).toEqual([expect.stringMatching(/the file is 2; must be above 7/)])
  await second.offer({ version: 9, nodes: [{ name: 'a', zone: 'nowhere' }] })
  expect(second.current().table.version).toBe(7)
  await second.stop()

  texts[path] = textOf(10)
  const third = open()
  await third.load()
  expect([third.current().table.version, third.problems()]).toEqual([10, []])
  await third.stop()
  delete texts[path]
  const fourth = open()
  await fourth.load()
  expect(fourth.current().table.version).toBe(10)
  expect(fourth.problems()).toEqual(['zones.json cannot be read: no such file'])
  await fourth.stop()
  texts['data/zones.json'] = '{'
  await expect(open().load()).rejects.toThrow(/cannot be read/)
})
