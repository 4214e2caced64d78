// Each scene, staged in a city where nothing else happens: its truth, and what the samples of those days look like.
import { describe, expect, test, vi } from 'vitest'
import { flagBits, type TrafficSample } from '../traffic-sample.js'
import type { TruthRow } from '../truth-row.js'
import { buildCity } from './create-city.js'
import { type SceneName, sceneNames, scenes } from './scenes.js'

// Minutes of traffic per test: the limit is for hanging, not for being slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const quiet = { vehicles: 120, originLat: 60.17, originLon: 24.94, hazardEveryS: 0, decoyEveryS: 0, intervalS: 0.5, conditionShare: 0.5 }

/** Lets traffic settle, stages a scene, and plays until its truth is over or `maxS` passed. */
function play(name: SceneName, seed: number, vehicles = quiet.vehicles) {
  const city = buildCity({ ...quiet, seed, vehicles })
  city.step(60)
  let id: string | undefined
  for (let tries = 0; tries < 100 && id === undefined; tries++) {
    city.step(0.1)
    id = city.stage(name)
  }
  expect(id).toBeDefined()
  const fromS = city.world.tick / 10
  const samples: TrafficSample[] = []
  let queue = 0
  const truth = () => city.truth().find(row => row.id === id)
  for (let second = 0; second < 500 && !Number.isFinite(truth()?.toS ?? Number.POSITIVE_INFINITY); second++) {
    samples.push(...city.step(1))
    queue = Math.max(queue, standingBehind(city, truth()))
  }
  return { city, id: id!, fromS, samples, queue, row: truth() }
}

function standingBehind({ world }: ReturnType<typeof buildCity>, row: TruthRow | undefined): number {
  const stalled = world.vehicles.find(({ id }) => id === row?.vehicleIds[0])
  if (stalled === undefined || stalled.speedMps > 0) return 0
  return world.onLane[stalled.lane]!.filter(({ sM, speedMps }) => sM < stalled.sM && sM > stalled.sM - 40 && speedMps < 0.1).length
}

function of({ samples, row }: ReturnType<typeof play>): TrafficSample[] {
  return samples.filter(({ vehicleId }) => vehicleId === row!.vehicleIds[0])
}

/** Metres between a sample and the truth. */
function apartM(row: TruthRow, { lat, lon }: TrafficSample): number {
  return Math.hypot((lat - row.lat) * 111_400, (lon - row.lon) * 111_400 * Math.cos((lat * Math.PI) / 180))
}

const seeds = [1, 2, 3]

test.each(seeds)('a signalling stalled vehicle stands on its lane with hazard lights, and a queue forms behind it (seed %i)', seed => {
  const played = play('stalled_signalling', seed)
  const row = played.row!
  expect(row).toMatchObject({ kind: 'must', cause: 94, subCause: 2, vehicleIds: [expect.any(String)] })
  expect(row.toS - row.fromS).toBeGreaterThan(55)
  const standing = of(played).filter(({ timeS }) => timeS > row.fromS && timeS < row.toS - 8)
  expect(standing.length).toBeGreaterThan(80)
  for (const sample of standing) {
    expect(sample.speedMps).toBe(0)
    expect(sample.flags! & flagBits.hazard_lights).not.toBe(0)
    expect(apartM(row, sample)).toBeLessThan(sample.hAccM! * 2 + 5)
  }
  expect(of(played).at(-1)!.flags! & flagBits.hazard_lights).toBe(0)
})

test('behind stalled vehicles queues form, and where there is a second lane others pass', () => {
  const silent = seeds.slice(0, 2).map(seed => play('stalled_silent', seed, 300))
  const signalling = seeds.slice(0, 2).map(seed => play('stalled_signalling', seed, 300))
  expect([...silent, ...signalling].filter(({ queue }) => queue > 0).length).toBeGreaterThanOrEqual(2)
  for (const { city, row, samples } of silent) {
    expect(row).toMatchObject({ cause: 94, subCause: 0 })
    expect(
      samples.filter(({ vehicleId, timeS }) => vehicleId === row!.vehicleIds[0] && timeS > row!.fromS).every(({ flags }) => flags === 0),
    ).toBe(true)
    const passers = new Set(
      samples
        .filter(each => apartM(row!, each) < 25 && each.speedMps! > 3 && Math.abs(each.headingDeg! - row!.headingDeg!) < 20)
        .map(each => each.vehicleId),
    )
    expect(passers.size).toBeGreaterThan(2)
    expect(city.vehicleIds()).toHaveLength(300)
  }
})

test.each(seeds)('a crash: hard stop, airbag and automatic eCall at once, towed away in the end (seed %i)', seed => {
  const played = play('crash', seed)
  const { row, city, fromS } = played
  expect(row).toMatchObject({ cause: 92, subCause: 3, fromS })
  const first = of(played)[0]!
  expect(first.timeS).toBeLessThanOrEqual(fromS + 0.1001)
  expect(first.flags).toBe(flagBits.airbag | flagBits.ecall_auto)
  expect(Math.min(...of(played).map(({ accelMps2 }) => accelMps2!))).toBeLessThan(-15)
  city.step(1)
  expect(city.vehicleIds()).not.toContain(row!.vehicleIds[0])
  expect(city.vehicleIds()).toHaveLength(quiet.vehicles)
})

test.each([
  ['emergency_braking_flagged', flagBits.hard_brake | flagBits.abs],
  ['emergency_braking_silent', 0],
] as const)('%s: at least 6 m/s² from at least 8 m/s, with the loss of speed to prove it', (name, flags) => {
  for (const seed of seeds) {
    const city = buildCity({ ...quiet, seed, intervalS: 0.1 })
    city.step(60)
    while (city.stage(name) === undefined) city.step(0.1)
    const samples = city.step(1)
    const [row] = city.truth()
    expect(row).toMatchObject({ cause: 99, subCause: 1, kind: 'must' })
    const braking = samples.filter(({ vehicleId }) => vehicleId === row!.vehicleIds[0])
    expect(braking[0]!.speedMps).toBeGreaterThan(8)
    expect(braking[0]!.speedMps! - braking.at(-1)!.speedMps!).toBeGreaterThan(5)
    expect(braking.slice(0, 9).every(({ accelMps2 }) => accelMps2! <= -6)).toBe(true)
    expect(braking[0]!.flags).toBe(flags)
  }
})

test.each(['obstacle_reported', 'animal_reported'] as const)(
  '%s: drivers tell where it is, at once; it must be found when two have',
  name => {
    const rows = seeds.map(seed => {
      const { row, samples } = play(name, seed)
      const reports = samples.filter(({ report }) => report !== undefined)
      expect(new Set(reports.map(({ vehicleId }) => vehicleId))).toEqual(new Set(row!.vehicleIds))
      expect(reports).toHaveLength(row!.vehicleIds.length)
      for (const sample of reports) {
        expect(sample.report).toMatchObject({ cause: row!.cause, subCause: row!.subCause })
        expect(Math.abs(apartM(row!, sample) - sample.report!.aheadM!)).toBeLessThan(2 * sample.hAccM! + 8)
      }
      expect(row!.kind).toBe(reports.length >= 2 ? 'must' : 'may')
      return row!
    })
    expect(rows.some(({ kind }) => kind === 'must')).toBe(true)
  },
)

test('a slippery patch: those with condition sensors measure it there and nowhere else', () => {
  let measured = 0
  for (const seed of seeds) {
    const { row, samples } = play('slippery_patch', seed)
    expect(row).toMatchObject({ cause: 6, subCause: 5, vehicleIds: [] })
    for (const sample of samples.filter(({ friction }) => friction !== undefined && friction < 0.4)) {
      expect(apartM(row!, sample)).toBeLessThan(row!.radiusM + 2 * sample.hAccM!)
      expect(sample).toMatchObject({ roadSurface: 'ICE' })
      measured++
    }
  }
  expect(measured).toBeGreaterThan(5)
})

describe('decoys', () => {
  test('have no truth, and the parked car stands beside the lane', () => {
    const city = buildCity({ ...quiet, seed: 1 })
    city.step(60)
    for (const name of sceneNames.filter(each => !scenes[each].isHazard)) while (city.stage(name) === undefined) city.step(0.1)
    let parkedS = 0
    let pulledOut = false
    for (let second = 0; second < 400; second++) {
      city.step(1)
      const parked = city.world.vehicles.filter(({ isParked }) => isParked)
      parkedS += parked.length
      expect(parked.every(({ lateralM, speedMps }) => lateralM < -2.5 && speedMps === 0)).toBe(true)
      pulledOut ||= parkedS > 0 && city.world.vehicles.every(({ isParked, lateralM }) => !isParked && lateralM > -2)
    }
    expect(parkedS).toBeGreaterThan(50)
    expect(pulledOut).toBe(true)
    expect(city.truth()).toEqual([])
  })

  test('without scenes nobody brakes like in an emergency, and buses stop with open doors', () => {
    const city = buildCity({ ...quiet, seed: 5, intervalS: 5 })
    let doors = 0
    let hardest = 0
    for (let tick = 0; tick < 6000; tick++) {
      city.step(0.1)
      for (const { accelMps2, flags } of city.world.vehicles) {
        hardest = Math.min(hardest, accelMps2)
        if (flags === flagBits.doors_open) doors++
      }
    }
    expect(hardest).toBeGreaterThan(-6)
    expect(doors).toBeGreaterThan(300)
  })
})

test('left alone a city stages every kind of hazard, numbers its truth, and begins within seconds', () => {
  const city = buildCity({ seed: 3, vehicles: 300, originLat: 60.17, originLon: 24.94, hazardEveryS: 10, intervalS: 5 })
  city.step(10)
  expect(city.world.vehicles.some(({ scene }) => scene !== undefined) || city.truth().length > 0).toBe(true)
  city.step(590)
  const truth = city.truth()
  expect(truth.map(({ index }) => index)).toEqual(truth.map((_, index) => index))
  expect(new Set(truth.map(({ id }) => id)).size).toBe(truth.length)
  expect(new Set(truth.map(({ cause, subCause }) => `${cause}/${subCause}`))).toEqual(
    new Set(['94/2', '94/0', '92/3', '99/1', '10/1', '11/1', '6/5']),
  )
  expect(truth.every(({ fromS, toS }) => fromS >= 3 && toS > fromS)).toBe(true)
})
