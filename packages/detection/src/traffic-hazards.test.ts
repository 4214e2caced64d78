import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'
import { restoreUsual, usualToBytes } from './usual-bytes.js'

type Scene = ReturnType<typeof createScene>
type Found = ReturnType<Scene['drive']>['findings'][number] & { readonly second: number; readonly row: number }

/** Vehicles as places over time, north along a street unless they say otherwise, one sample a second each. All that was found. */
function run(
  scene: Scene,
  seconds: number,
  vehicles: readonly ((second: number) => Partial<SceneSample> | undefined)[],
  startMs = 0,
): Found[] {
  const found: Found[] = []
  for (let second = 0; second <= seconds; second++) {
    vehicles.forEach((at, row) => {
      const sample = at(second)
      if (sample === undefined) return
      const { findings } = scene.drive(row, { eastM: 0, northM: 0, headingDeg: 0, ...sample, atMs: startMs + second * 1_000 })
      found.push(...findings.map(finding => ({ ...finding, second, row })))
    })
  }
  return found
}

/** Others drove along the street before, as many and as fast. Rows 40 to 55 are theirs. */
function known(vehicles: number, speedMps: number, eastM = 0, headingDeg = 0): Scene {
  const name = [vehicles, speedMps, eastM, headingDeg].join()
  const bytes = learned.get(name) ?? usualToBytes(drivenBefore(vehicles, speedMps, eastM, headingDeg).usual, 0)
  learned.set(name, bytes)
  const scene = createScene()
  expect(restoreUsual(scene.usual, bytes).outcome).toBe('restored')
  return scene
}

/** What `known` learned once, by its arguments. */
const learned = new Map<string, Uint8Array>()

function drivenBefore(vehicles: number, speedMps: number, eastM: number, headingDeg: number): Scene {
  const scene = createScene()
  const way = headingDeg === 0 ? 1 : -1
  for (let n = 0; n < vehicles; n++) {
    const atMs = (n - vehicles) * 200_000 - 200_000
    for (let second = 0; second * speedMps <= 1_600; second++) {
      const northM = (second * speedMps - 800 + ((n * 7) % speedMps)) * way
      scene.drive(40 + (n % 16), { atMs: atMs + second * 1_000, eastM, northM, speedMps, headingDeg })
    }
  }
  return scene
}

const of = (found: readonly Found[], cause: number) => found.filter(each => each.cause === cause)
const driving =
  (speedMps: number, fromM: number, eastM = 0) =>
  (second: number) => ({ eastM, northM: fromM + second * speedMps, speedMps })
/** Comes up to a place within two seconds and stands there, for as long as it says. */
const standing =
  (northM: number, forS = 1_000, eastM = 0, extra: Partial<SceneSample> = {}) =>
  (second: number) =>
    second < 2
      ? { ...extra, eastM, northM: northM - (2 - second) * 3, speedMps: 3 }
      : { ...extra, eastM, northM: northM + Math.max(0, second - forS) * 8, speedMps: second > forS ? 8 : 0 }

describe('traffic condition', () => {
  const queue = (extra: Partial<SceneSample> = {}, forS = 1_000) => [0, -8, -16, -24].map(northM => standing(northM, forS, 0, extra))

  it('is four vehicles that creep for 120 s where nothing is known', () => {
    const found = of(run(createScene(), 130, queue()), 1)
    expect(found[0]).toMatchObject({ detector: 'traffic_condition', cause: 1, subCause: 5, alone: false, subject: false })
    // From the moment it is below 1.4 m/s, two seconds after the beginning.
    expect(found[0]!.second).toBeGreaterThanOrEqual(122)
    expect(new Set(found.map(each => each.row)).size).toBeGreaterThanOrEqual(3)
  })
  it.each<[string, () => Found[]]>([
    ['three', () => run(createScene(), 300, queue().slice(1))],
    ['a queue that clears after one long red', () => run(createScene(), 300, queue({}, 115))],
    ['a row of parked cars', () => run(createScene(), 300, queue({ flags: ['ignition_off'] }))],
    ['buses at their stop', () => run(createScene(), 300, queue({ role: 2 }))],
    [
      'a rank: others drive by',
      () => {
        const by = Array.from({ length: 30 }, (_, n) => (second: number) => {
          const turn = second - n * 10
          return turn < 0 || turn >= 60 ? undefined : driving(14, -200, 3.2)(turn)
        })
        return run(createScene(), 300, [...queue(), ...by])
      },
    ],
    [
      'one in each of four directions',
      () =>
        run(
          createScene(),
          300,
          [0, 90, 180, 270].map(headingDeg => standing(headingDeg / 20, 1_000, 0, { headingDeg })),
        ),
    ],
  ])('is not %s', (_what, found) => {
    expect(of(found(), 1)).toEqual([])
  })
  it('is not a queue that stands as long as is usual there', () => {
    const scene = createScene()
    for (let n = 0; n < 3; n++) run(scene, 220, queue({}, 210), -4_000_000 + n * 1_000_000)
    const found = of(run(scene, 400, queue()), 1)
    expect(found[0]!.second).toBeGreaterThanOrEqual(360)
  })
})

describe('dangerous end of queue', () => {
  const arriving = driving(25, -400)
  const creeping = (northM: number) => (second: number) => ({ northM: northM + second * 2, speedMps: 2 })

  it('is two slow vehicles on a fast road with traffic arriving, at once, at the last one', () => {
    const found = of(run(known(40, 25), 12, [creeping(0), creeping(-10), arriving]), 27)
    expect(found[0]).toMatchObject({ detector: 'end_of_queue', subCause: 0, alone: false })
    expect(new Set(found.map(each => each.row))).toEqual(new Set([0, 1]))
    expect(found[0]!.second).toBeLessThanOrEqual(8)
    // All say the last one's place: it is behind the first of them.
    for (const each of found) expect(each.y).toBeLessThan(found[0]!.second * 2 * 90)
  })
  it.each<[string, () => Found[]]>([
    ['one slow vehicle', () => run(known(40, 25), 12, [creeping(0), arriving])],
    ['a queue to which nobody comes', () => run(known(40, 25), 12, [creeping(0), creeping(-10)])],
    ['a queue to which others come slowly', () => run(known(40, 25), 12, [creeping(0), creeping(-10), driving(12, -150)])],
    ['on a street', () => run(known(40, 14), 12, [creeping(0), creeping(-10), arriving])],
    ['on an unknown road, so soon', () => run(createScene(), 12, [creeping(0), creeping(-10), arriving])],
    [
      'the other way',
      () => run(known(40, 25), 12, [creeping(0), creeping(-10), second => ({ northM: 400 - second * 25, speedMps: 25, headingDeg: 180 })]),
    ],
  ])('is not %s', (_what, found) => {
    expect(of(found(), 27)).toEqual([])
  })
  it('is on an unknown road once four have crept for 120 s', () => {
    const jam = [0, -8, -16, -24].map(northM => standing(northM))
    const late = (second: number) =>
      second < 130 ? undefined : second < 140 ? driving(20, -250)(second - 130) : { northM: -40, speedMps: 0 }
    const next = (second: number) => (second < 140 ? undefined : driving(20, -250)(second - 140))
    const found = of(run(createScene(), 150, [...jam, late, next]), 27)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]!.second).toBeGreaterThanOrEqual(122)
  })
})

describe('blockage', () => {
  const queue = (extra: Partial<SceneSample> = {}) => [0, -8, -16].map(northM => standing(northM, 1_000, 0, extra))

  it('is what the first two of a queue say that stands for 180 s where traffic is known to drive', () => {
    const found = of(run(known(40, 14), 200, queue()), 5)
    expect(found[0]).toMatchObject({ detector: 'blockage', cause: 5, alone: false, subject: false })
    expect(found[0]!.second).toBeGreaterThanOrEqual(182)
    expect(new Set(found.map(each => each.row))).toEqual(new Set([0, 1]))
    // Both say the first one's place.
    for (const each of found) expect(Math.abs(each.y)).toBeLessThan(100)
  })
  it.each<[string, () => Found[]]>([
    ['where nothing is known', () => run(createScene(), 300, queue())],
    ['two vehicles', () => run(known(40, 14), 300, queue().slice(1))],
    ['parked cars', () => run(known(40, 14), 300, queue({ flags: ['parking_brake'] }))],
    [
      'a lane, beside one that runs',
      () => run(known(40, 14), 300, [...queue(), ...[0, 1, 2].map(n => (second: number) => driving(14, -200 - n * 200, 3.2)(second % 60))]),
    ],
    [
      'a long red, soon over',
      () =>
        run(
          known(40, 14),
          300,
          [0, -8, -16].map(northM => standing(northM, 170)),
        ),
    ],
  ])('is not %s', (_what, found) => {
    expect(of(found(), 5)).toEqual([])
  })
})

describe('slow vehicle', () => {
  it('is one at a quarter of the usual speed with nothing before it, sure when others drive past', () => {
    const found = of(run(known(40, 25), 60, [driving(6, -300), driving(25, -1_000, 3.5)]), 26)
    expect(found[0]).toMatchObject({ detector: 'slow_vehicle', row: 0, alone: false, subject: true })
    expect(found[0]!.second).toBeGreaterThanOrEqual(20)
    expect(found.some(each => each.alone)).toBe(true)
  })
  it.each<[string, () => Found[]]>([
    [
      'who has another slow one before him',
      () => run(known(40, 25), 60, [driving(6, -300), driving(6, -250)]).filter(each => each.row === 0),
    ],
    ['who drives as all do', () => run(known(40, 10), 60, [driving(6, -300)])],
    ['where nothing is known', () => run(createScene(), 60, [driving(6, -300)])],
    ['for a moment', () => run(known(40, 25), 60, [second => driving(second < 10 ? 6 : 20, second < 10 ? -300 : -440)(second)])],
  ])('is not one %s', (_what, found) => {
    expect(of(found(), 26)).toEqual([])
  })
})

describe('wrong way', () => {
  const against =
    (eastM = 0, speedMps = 12, extra: Partial<SceneSample> = {}) =>
    (second: number) => ({
      ...extra,
      eastM,
      northM: -300 + second * speedMps,
      speedMps,
      headingDeg: 0,
    })

  it('is one vehicle against a hundred others over three cells, whose course is the reference', () => {
    const found = of(run(known(120, 20, 0, 180), 30, [against()]), 14)
    expect(found[0]).toMatchObject({ detector: 'wrong_way', subCause: 2, alone: true, subject: true, headingDeg: 0 })
    // Three cells of 20 m: by 40 to 80 m.
    expect(found[0]!.second).toBeLessThanOrEqual(7)
    expect(found[0]!.second).toBeGreaterThanOrEqual(3)
  })
  it.each<[string, () => Found[]]>([
    ['against few', () => run(known(60, 20, 0, 180), 30, [against()])],
    ['who manoeuvres', () => run(known(120, 20, 0, 180), 60, [against(0, 3)])],
    ['a bus in its lane against the traffic', () => run(known(120, 20, 0, 180), 30, [against(0, 12, { role: 2 })])],
    ['on another road beside it', () => run(known(120, 20, 0, 180), 30, [against(6)])],
    ['with a position that may be off by more', () => run(known(120, 20, 0, 180), 30, [against(0, 12, { accuracyM: 12 })])],
  ])('is not %s', (_what, found) => {
    expect(of(found(), 14)).toEqual([])
  })
  it('is not who overtakes on a road with a lane of his own direction', () => {
    const scene = known(120, 20, 0, 180)
    for (let n = 0; n < 20; n++) run(scene, 60, [driving(20, -800 + n, 3.5)], n * 100_000)
    expect(of(run(scene, 30, [against()], 3_000_000), 14)).toEqual([])
  })
})
