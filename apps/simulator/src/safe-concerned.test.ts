import { destination } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isSurelyConcerned } from './safe-concerned.js'

const { TrafficDirection } = outrider.v1
const event = { latitude: 53.55, longitude: 9.99 }
const e7 = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }

function alert(more: Partial<outrider.v1.Alert.$Properties> = {}): outrider.v1.Alert.$Properties {
  return {
    eventPosition: e7,
    area: { circle: { center: e7, radiusCm: 2_000 } },
    awarenessDistanceM: 500,
    referenceHeadingDecideg: 0,
    trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
    ...more,
  }
}

function at(bearingDeg: number, distanceM: number, courseDeg: number | undefined) {
  const { latitudeDeg, longitudeDeg } = destination(event.latitude, event.longitude, bearingDeg, distanceM)
  return { latitude: latitudeDeg, longitude: longitudeDeg, courseDeg }
}

it.each([
  ['behind, same course', at(180, 300, 0), true],
  ['behind, 30 degrees off', at(180, 300, 30), true],
  ['behind, 40 degrees off: within the rule, with less than 10 to spare', at(180, 300, 40), false],
  ['480 m behind', at(180, 480, 0), true],
  ['490 m behind: with less than 15 to spare', at(180, 490, 0), false],
  ['ahead of it', at(0, 300, 0), false],
  ['coming towards it', at(0, 300, 180), false],
  ['crossing', at(180, 300, 90), false],
  ['without a course', at(180, 300, undefined), false],
  ['without a course, in the area', at(180, 4, undefined), true],
])('upstream: %s', (_, vehicle, expected) => expect(isSurelyConcerned(alert(), vehicle)).toBe(expected))

it('other directions', () => {
  const opposite = alert({ trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_OPPOSITE })
  const downstream = alert({ trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_DOWNSTREAM })
  const all = alert({ trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_ALL })
  expect(isSurelyConcerned(opposite, at(0, 300, 180))).toBe(true)
  expect(isSurelyConcerned(opposite, at(180, 300, 0))).toBe(false)
  expect(isSurelyConcerned(downstream, at(0, 300, 0))).toBe(true)
  expect(isSurelyConcerned(downstream, at(180, 300, 0))).toBe(false)
  expect(isSurelyConcerned(all, at(77, 300, undefined))).toBe(true)
  expect(isSurelyConcerned(all, at(77, 486, undefined))).toBe(false)
})

it('an alert without a place or a circle surely concerns nobody', () => {
  expect(isSurelyConcerned(alert({ area: null }), at(180, 10, 0))).toBe(false)
  expect(isSurelyConcerned(alert({ eventPosition: null }), at(180, 10, 0))).toBe(false)
})

/** Tenths between two numbers. */
const tenths = (min: number, max: number) => fc.integer({ min: min * 10, max: max * 10 }).map(value => value / 10)

it('whoever is surely concerned still is 15 m away and turned by 10 degrees', () => {
  fc.assert(
    fc.property(
      fc.record({ bearing: tenths(100, 260), metres: tenths(20, 520), course: tenths(-50, 50) }),
      fc.record({ bearing: tenths(0, 360), metres: tenths(0, 14.9), turned: tenths(-9.9, 9.9) }),
      (place, moved) => {
        const vehicle = at(place.bearing, place.metres, (place.course + 360) % 360)
        fc.pre(isSurelyConcerned(alert(), vehicle))
        const shifted = destination(vehicle.latitude, vehicle.longitude, moved.bearing, moved.metres)
        expect(isConcerned(shifted.latitudeDeg, shifted.longitudeDeg, place.course + moved.turned)).toBe(true)
      },
    ),
    { seed: 4, numRuns: 1_000 },
  )
})

/** The upstream rule in a plane, by vectors. */
function isConcerned(latitude: number, longitude: number, courseDeg: number): boolean {
  const north = (event.latitude - latitude) * 111_195
  const east = (event.longitude - longitude) * 111_195 * Math.cos((event.latitude * Math.PI) / 180)
  const awayM = Math.hypot(north, east)
  if (awayM <= 20) return true
  const [x, y] = [Math.sin((courseDeg * Math.PI) / 180), Math.cos((courseDeg * Math.PI) / 180)]
  const alongReference = y >= Math.cos((45.01 * Math.PI) / 180)
  const towards = (east * x + north * y) / awayM >= Math.cos((60.01 * Math.PI) / 180)
  return awayM <= 500.5 && alongReference && towards
}
