import { outrider } from '@outrider/protocol'
import { expect, it } from 'vitest'
import { createZoneBorders } from './zone-borders.js'

function box(west: number, east: number) {
  const corner = (latitudeE7: number, longitudeE7: number) => ({ latitudeE7, longitudeE7 })
  return { polygons: [{ outer: { points: [corner(0, west), corner(0, east), corner(1e6, east), corner(1e6, west)] } }] }
}

const welcome = (neighbours: outrider.v1.Neighbour.$Properties[]) => outrider.v1.Welcome.create({ node: 'edge-1', neighbours })

it('names the neighbour whose footprint holds a position, as the newest welcome says', () => {
  const borders = createZoneBorders()
  expect(borders.neighbourAt('edge-1', 0.05, 0.15)).toBeUndefined()
  borders.learn(welcome([{ node: 'edge-2', url: 'ws://two', footprint: box(1e6, 2e6) }]))
  expect(borders.neighbourAt('edge-1', 0.05, 0.15)).toBe('ws://two')
  expect(borders.neighbourAt('edge-1', 0.05, 0.05)).toBeUndefined()
  expect(borders.neighbourAt('edge-2', 0.05, 0.15)).toBeUndefined()
  borders.learn(welcome([{ node: 'edge-2', url: 'ws://elsewhere', footprint: box(1e6, 2e6) }]))
  expect(borders.neighbourAt('edge-1', 0.05, 0.15)).toBe('ws://elsewhere')
})

it('a neighbour without a footprint, with a bad one or without a URL is nobody’s to move to', () => {
  const borders = createZoneBorders()
  borders.learn(
    welcome([
      { node: 'a', url: 'ws://a' },
      { node: 'b', url: 'ws://b', footprint: { polygons: [{ outer: { points: [{ latitudeE7: 0, longitudeE7: 0 }] } }] } },
      { node: 'c', url: '', footprint: box(0, 1e6) },
    ]),
  )
  expect(borders.neighbourAt('edge-1', 0.05, 0.05)).toBeUndefined()
})
