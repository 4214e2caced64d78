import { haversineM } from '@outrider/geo'
import { describe, expect, it, test } from 'vitest'
import { groundOf, whyNoUse } from './ground.js'
import { neighbourNames, neighboursOf } from './neighbours.js'
import { locate, readZoneTable, type Zones } from './zone-table.js'

type Corner = readonly [longitudeDeg: number, latitudeDeg: number]

/** A footprint from south-west to north-east, owned by the node of its name. */
function boxOf(name: string, [west, south]: Corner, [east, north]: Corner) {
  const corners: Corner[] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]
  const points = corners.map(([x, y]) => ({ longitudeE7: Math.round(x * 1e7), latitudeE7: Math.round(y * 1e7) }))
  return { name, area: { polygons: [{ outer: { points } }] }, owner: name }
}

function tableOf(footprints: readonly ReturnType<typeof boxOf>[]): object {
  const nodes = footprints.map(({ owner }) => ({ name: owner, zone: 'z', vehicleUrl: `ws://${owner}` }))
  return { version: 1, zones: [{ name: 'z', footprints }], nodes }
}

function read(table: object): Zones {
  const result = readZoneTable(JSON.stringify(table))
  if (!result.ok) throw new Error(result.problems.join())
  return result.zones
}

describe('a zone table', () => {
  const zones = read(
    tableOf([
      boxOf('a', [9.9, 53.5], [10, 53.6]),
      boxOf('b', [10, 53.5], [10.1, 53.6]),
      boxOf('far', [11, 53.5], [11.1, 53.6]),
      boxOf('fiji', [179.9, -17], [180, -16.9]),
      boxOf('suva', [-180, -17], [-179.9, -16.9]),
    ]),
  )

  it('says whose a position is', () => {
    const asked = [
      [53.55, 9.95, 'a'],
      [53.55, 10.05, 'b'],
      [53.55, 10.5, undefined],
      [-16.95, 179.95, 'fiji'],
      [-16.95, -179.95, 'suva'],
    ] as const
    for (const [latitude, longitude, name] of asked) {
      expect(locate(zones, Math.round(latitude * 1e7), Math.round(longitude * 1e7))?.name).toBe(name)
    }
  })

  it('names neighbours by nearness, across the antimeridian too', () => {
    expect(['a', 'b', 'far', 'fiji', 'suva'].map(node => neighboursOf(zones, node).map(({ node: name }) => name))).toEqual([
      ['b'],
      ['a'],
      [],
      ['suva'],
      ['fiji'],
    ])
    expect(['a', 'b', 'far', 'fiji'].map(node => neighbourNames(zones, node, 0))).toEqual([['b'], ['a'], [], ['suva']])
  })

  it('gives a node its ground', () => {
    const { latitudeDeg, longitudeDeg, eastM, northM } = groundOf(zones, 'a')!
    expect([latitudeDeg, longitudeDeg]).toEqual([53.55, 9.95])
    expect(eastM).toBeCloseTo(haversineM(latitudeDeg, longitudeDeg, latitudeDeg, 10), 0)
    expect(northM).toBeCloseTo(haversineM(latitudeDeg, longitudeDeg, 53.6, longitudeDeg), 0)
  })

  it('is refused whole, with every problem', () => {
    const good = tableOf([boxOf('a', [9.9, 53.5], [10, 53.6])])
    const wrong = [
      ['{', 'not JSON'],
      ['[]', 'must be'],
      [JSON.stringify({ ...good, version: 0 }), 'version'],
      [JSON.stringify({ ...good, nodes: [] }), 'names node "a"'],
      [JSON.stringify({ ...good, nodes: [{ name: 'a', zone: 'y' }] }), 'is of zone "y"'],
      [JSON.stringify(tableOf([{ ...boxOf('a', [9.9, 53.5], [10, 53.6]), area: { polygons: [] } }])), 'footprint a'],
      [JSON.stringify(tableOf([boxOf('x/y', [9.9, 53.5], [10, 53.6])])), 'no slash'],
    ] as const
    for (const [text, said] of wrong) {
      const result = readZoneTable(text)
      expect(result.ok ? '' : result.problems.join('; ')).toContain(said)
    }
  })

  it('is of no use to a node that is not in it, or owns a continent', () => {
    expect(whyNoUse(zones, 'nobody')).toHaveLength(1)
    expect(whyNoUse(read(tableOf([boxOf('wide', [0, 50], [9, 51])])), 'wide')).toHaveLength(1)
    expect(whyNoUse(zones, 'a')).toEqual([])
  })
})

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
