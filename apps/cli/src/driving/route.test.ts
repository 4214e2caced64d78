import { haversineM } from '@outrider/geo'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Route, readRoute, straightRoute } from './route.js'

function read(text: string): Route {
  const route = readRoute(text)
  if (typeof route === 'string') throw new Error(route)
  return route
}

const line = { type: 'LineString', coordinates: [[9.99, 53.5], [9.99, 53.6]] } // biome-ignore format: one line is easier to read

describe('readRoute', () => {
  it.each([
    ['pairs', '53.5,9.99 53.6,9.99'],
    ['a geometry', JSON.stringify(line)],
    ['a feature', JSON.stringify({ type: 'Feature', geometry: line })],
    [
      'a collection',
      JSON.stringify({
        type: 'FeatureCollection',
        features: [
          { type: 'Feature', geometry: null },
          { type: 'Feature', geometry: line },
        ],
      }),
    ],
  ])('reads %s', (_, text) => {
    const route = read(text)
    expect(route.lengthM).toBeCloseTo(haversineM(53.5, 9.99, 53.6, 9.99), 6)
    expect(route.at(0)).toMatchObject({ latitude: 53.5, headingDeg: 0 })
    expect(route.at(1e9).latitude).toBeCloseTo(53.6, 9)
  })

  it.each([
    ['53.5,9.99', /two different points/],
    ['53.5,9.99 53.5,9.99', /two different points/],
    ['53.5,9.99 here', /"here" is not LAT,LON/],
    ['53.5,9.99 99,9.99', /is no position/],
    ['{"type":"Point"}', /no LineString/],
    ['{', /cannot be read/],
    ['{"type":"LineString","coordinates":[[null,"x"],[1,2]]}', /is no position/],
  ])('says what is wrong with %s', (text, message) => expect(readRoute(text)).toMatch(message))

  it('goes along its line without jumps, whatever its corners', () => {
    const point = fc
      .tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }))
      .map(([a, b]) => `${53 + a / 1e4},${9 + b / 1e4}`)
    fc.assert(
      fc.property(fc.uniqueArray(point, { minLength: 2, maxLength: 6 }), fc.integer({ min: 0, max: 100 }), (points, percent) => {
        const route = read(points.join(' '))
        const atM = (route.lengthM * percent) / 100
        const [here, there] = [route.at(atM), route.at(atM + 5)]
        expect(haversineM(here.latitude, here.longitude, there.latitude, there.longitude)).toBeLessThan(5.001)
      }),
      { seed: 9 },
    )
  })
})

it('straight on has no end', () => {
  const route = straightRoute({ latitude: 0, longitude: 0, headingDeg: 90 })
  expect(route.at(111_195).longitude).toBeCloseTo(1, 3)
})
