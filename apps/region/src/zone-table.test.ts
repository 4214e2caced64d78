import { expect, test } from 'vitest'
import { createZoneFile } from './zone-file.js'
import { readZoneTable } from './zone-table.js'

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

test('a right table is placed, owner first', () => {
  const read = readZoneTable(JSON.stringify(table()))
  expect(read).toMatchObject({ ok: true, zones: { footprints: [{ name: 'f', zone: 'z', nodes: ['a', 'b'] }] } })
})

test.each([
  ['{', /not JSON/],
  [JSON.stringify(table({ version: 'x' })), /version must be/],
  [JSON.stringify(table({ version: 0 })), /version must be 1 or more/],
  [JSON.stringify(table({}, { owner: 'c' })), /footprint f names node "c"/],
  [JSON.stringify(table({}, { area: { polygons: [{ outer: { points: points.slice(1) } }] } })), /footprint f: area\.polygons/],
  [
    JSON.stringify(
      table({
        nodes: [
          { name: 'a', zone: 'y' },
          { name: 'b', zone: 'z' },
        ],
      }),
    ),
    /zone "y", which is not/,
  ],
  [
    JSON.stringify(
      table({
        nodes: [
          { name: 'a', zone: 'z' },
          { name: 'a', zone: 'z' },
        ],
      }),
    ),
    /different names/,
  ],
  [JSON.stringify(table({ nodes: [{ name: 'a/b', zone: 'z' }] })), /no slash/],
])('%.60s is refused: %s', (text, problem) => {
  const read = readZoneTable(text)
  expect(read.ok ? '' : read.problems.join('; ')).toMatch(problem)
})

test('a file that goes wrong, or back, leaves the table that is in use', async () => {
  let text = JSON.stringify(table({ version: 5 }))
  const events: string[] = []
  const changes: number[] = []
  const looks: (() => void)[] = []
  const file = createZoneFile({
    path: 'zones.json',
    async readText() {
      for (const look of looks.splice(0)) look()
      return text
    },
    onEvent: ({ event }) => events.push(event),
    onChange: zones => changes.push(zones.table.version ?? 0),
    pollMs: 1,
  })
  /** Two looks: the first may have begun before the text changed. */
  const looked = async () => {
    for (let i = 0; i < 3; i++) await new Promise<void>(resolve => looks.push(resolve))
  }
  await file.start()
  for (const next of ['{', JSON.stringify(table({ version: 4 }))]) {
    text = next
    await looked()
    expect(file.current().table.version).toBe(5)
    expect(file.problems()).toHaveLength(1)
  }
  text = JSON.stringify(table({ version: 6 }))
  await looked()
  expect([file.current().table.version, file.problems()]).toEqual([6, []])
  await file.stop()
  expect(changes).toEqual([6])
  expect(events).toEqual(['zone_table_loaded', 'zone_table_refused', 'zone_table_refused', 'zone_table_loaded'])
})
