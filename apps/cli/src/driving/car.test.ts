import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createCar } from './car.js'
import { readRoute, straightRoute } from './route.js'

const north = straightRoute({ latitude: 53.5, longitude: 9.99, headingDeg: 0 })
const stepS = 0.2

it('keeps its speed, brakes as told, stands, and goes on', () => {
  const car = createCar(north, 15)
  car.step(stepS)
  expect([car.speedMps, car.accelMps2]).toEqual([15, 0])
  car.brake(7.5)
  car.step(stepS)
  expect(car.speedMps).toBeCloseTo(13.5, 6)
  expect(car.accelMps2).toBeCloseTo(-7.5, 6)
  for (let step = 0; step < 20; step++) car.step(stepS)
  expect(car.speedMps).toBe(0)
  const { latitude } = car.place
  car.step(stepS)
  expect(car.place.latitude).toBe(latitude)
  car.goOn()
  car.step(stepS)
  expect(car.speedMps).toBeCloseTo(0.4, 6)
})

it('comes to stand at the end of any route, as a driver would: never over it, never harder than 6 m/s²', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 500 }), fc.integer({ min: 1, max: 16 }), (lengthM, speedMps) => {
      const route = readRoute(`53.5,9.99 ${53.5 + lengthM / 111_195},9.99`)
      if (typeof route === 'string') throw new Error(route)
      const car = createCar(route, speedMps)
      for (let step = 0; step < 5_000; step++) {
        car.step(stepS)
        expect(car.accelMps2).toBeGreaterThan(-6)
      }
      expect(car.speedMps).toBeLessThan(0.05)
      expect(Math.abs(car.place.latitude - (53.5 + lengthM / 111_195)) * 111_195).toBeLessThan(1)
    }),
    { seed: 5 },
  )
})
