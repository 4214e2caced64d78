import { expect, test } from 'vitest'
import { actingNode, evidenceNodes, nodesReached, peerNodes } from './peer-nodes.js'
import { placeZones, type Zones } from './zone-table.js'

/** Squares of 0.1 degrees (11 km) side by side on the equator: `a`, `b` beside it, `far` 22 km from `b`. */
function zonesOf(): Zones {
  const box = (west: number) => {
    const points = [
      { latitudeE7: 0, longitudeE7: west },
      { latitudeE7: 0, longitudeE7: west + 1_000_000 },
      { latitudeE7: 1_000_000, longitudeE7: west + 1_000_000 },
      { latitudeE7: 1_000_000, longitudeE7: west },
    ]
    return { polygons: [{ outer: { points } }] }
  }
  const result = placeZones({
    version: 1,
    zones: [
      {
        name: 'z',
        footprints: [
          { name: 'a', area: box(0), owner: 'a', successors: ['b', 'spare'] },
          { name: 'b', area: box(1_000_000), owner: 'b', successors: ['a'] },
          { name: 'far', area: box(4_000_000), owner: 'far' },
        ],
      },
    ],
    nodes: ['a', 'b', 'far', 'spare', 'idle'].map(name => ({ name, zone: 'z', peerAddress: name === 'spare' ? '' : `${name}.example:1` })),
  })
  if (!result.ok) throw new Error(result.problems.join())
  return result.zones
}

const zones = zonesOf()
const all = () => true

test('peers are those so near that an alert can cross the border, and successors, if they have an address', () => {
  expect([...peerNodes(zones, 'a')]).toEqual([['b', 'b.example:1']])
  expect([...peerNodes(zones, 'far').keys()]).toEqual([])
  expect([...peerNodes(zones, 'spare').keys()]).toEqual(['a', 'b'])
})

test('the first one alive acts', () => {
  const actsWithout = (...dead: string[]) => actingNode(zones, 500_000, 500_000, node => !dead.includes(node))
  expect([actsWithout(), actsWithout('a'), actsWithout('a', 'b'), actsWithout('a', 'b', 'spare')]).toEqual(['a', 'b', 'spare', undefined])
  expect(actingNode(zones, -500_000, 0, all)).toBeUndefined()
})

test.each([
  ['240 m west of the border', 1_000_000 - 21_584, ['a', 'b']],
  ['260 m west of it', 1_000_000 - 23_382, ['a']],
  ['240 m east of it', 1_000_000 + 21_584, ['a', 'b']],
])('evidence %s', (_what, longitudeE7, nodes) => {
  expect(evidenceNodes(zones, 500_000, longitudeE7, all)).toEqual(nodes)
  expect(evidenceNodes(zones, 500_000, longitudeE7, node => node !== 'a')).toEqual(['b'])
})

test('an alert reaches whom its area or its event comes near enough to, and their successors', () => {
  const alertAt = (longitudeE7: number, awarenessDistanceM: number) => {
    const eventPosition = { latitudeE7: 500_000, longitudeE7 }
    return { eventPosition, awarenessDistanceM, area: { circle: { center: eventPosition, radiusCm: 1_000 } } }
  }
  expect([...nodesReached(zones.footprints, alertAt(950_000, 100))].sort()).toEqual(['a', 'b', 'spare'])
  expect([...nodesReached(zones.footprints, alertAt(3_900_000, 2_000))]).toEqual(['far'])
  expect([...nodesReached(zones.footprints, alertAt(-900_000, 100))]).toEqual([])
})
