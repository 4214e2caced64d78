import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'

type Scene = ReturnType<typeof createScene>

/** Row 0 stands heading north for a while, one sample a second; `each` lets others drive meanwhile. All it found. */
function stand(scene: Scene, seconds: number, sample: Partial<SceneSample>, each: (second: number) => void = () => undefined) {
  const found = []
  for (let second = 0; second <= seconds; second++) {
    each(second)
    const at = { atMs: second * 1_000, eastM: 0, northM: 0, speedMps: 0, headingDeg: 0, ...sample }
    // It came to this place driving north, so that its course is known.
    if (second === 0) scene.drive(0, { ...at, atMs: -1_000, northM: -2, speedMps: 3 })
    found.push(...scene.drive(0, at).findings.map(finding => ({ ...finding, second })))
  }
  return found
}

/** A vehicle drives past row 0 within this second, `asideM` to its right, heading so, and on, unless it brakes for something. */
function pass(scene: Scene, row: number, second: number, asideM: number, headingDeg = 0, goesOn = true): void {
  const way = headingDeg === 0 ? 1 : -1
  const on = [
    [900, 13],
    [1_900, 27],
    [2_900, 41],
  ] as const
  for (const [ms, alongM] of [[-900, -12], [0, 0.5], ...(goesOn ? on : [])] as const) {
    scene.drive(row, { atMs: second * 1_000 + ms, eastM: asideM, northM: alongM * way, speedMps: 13.9, headingDeg })
  }
}

describe('stationary vehicle', () => {
  it('is one that stands for 5 s with hazard lights', () => {
    const found = stand(createScene(), 8, { flags: ['hazard_lights'] })
    expect(found[0]).toMatchObject({ detector: 'stationary_vehicle', cause: 94, subCause: 0, alone: true, subject: true, second: 5 })
  })
  it('is one that stands for 5 s broken down, as 94/2', () => {
    expect(stand(createScene(), 8, { flags: ['breakdown'] })[0]).toMatchObject({ cause: 94, subCause: 2, second: 5 })
  })
  let createdScene = createScene()
  const standWithPassers = (passer: (second: number) => void, sample: Partial<SceneSample> = {}) => stand(createdScene, 140, sample, passer)

  it('needs the passers to be three different ones', () => {
    createdScene = createScene()
    const three = standWithPassers(second => {
      if (second % 15 === 0 && second > 0) pass(createdScene, 1 + ((second / 15) % 5), second, 3.2)
    })
    expect(three[0]).toMatchObject({ cause: 94, subCause: 0, second: 120 })
    createdScene = createScene()
    const two = standWithPassers(second => {
      if (second % 15 === 0 && second > 0) pass(createdScene, 1 + ((second / 15) % 2), second, 3.2)
    })
    expect(two).toEqual([])
  })

  /** Every third second somebody passes at `asideM(n)`; six vehicles take turns, each in a lane of its own and 18 s from one pass to the next. */
  const standInStream = (asideM: (turn: number) => number, goesOn = true, sample: Partial<SceneSample> = {}) => {
    createdScene = createScene()
    return stand(createdScene, 60, sample, second => {
      const turn = second / 3
      if (Number.isInteger(turn)) pass(createdScene, 1 + (turn % 6), second, asideM(turn), 0, goesOn)
    })
  }
  const bothSides = (turn: number) => (turn % 2 === 0 ? 3.2 : -3.2)

  it('is one between two lanes that run, within 15 s', () => {
    const [first] = standInStream(bothSides)
    expect(first).toMatchObject({ cause: 94, subCause: 0, alone: true, subject: true })
    expect(first!.second).toBeGreaterThanOrEqual(10)
    expect(first!.second).toBeLessThanOrEqual(15)
  })
  it.each([
    ['at the edge of the road', () => standInStream(() => 3.2)],
    ['beside whom others pull up', () => standInStream(bothSides, false)],
    ['in a bay: others drive through its place', () => standInStream(turn => [3.2, 0, -3.2, 0.2, 3.3, 0][turn % 6]!)],
    ['that is a bus', () => standInStream(bothSides, true, { role: 2 })],
  ])('is no silent one %s', (_where, found) => {
    expect(found()).toEqual([])
  })
  it('is no silent one while others of its direction stand ahead, on whatever lane: they wait for the same', () => {
    createdScene = createScene()
    const found = stand(createdScene, 60, {}, second => {
      if (second === 0) createdScene.drive(20, { atMs: -2_000, eastM: 6.5, northM: 45, speedMps: 3, headingDeg: 0 })
      createdScene.drive(20, { atMs: second * 1_000, eastM: 6.5, northM: 48, speedMps: 0, headingDeg: 0 })
      if (second % 3 === 0) pass(createdScene, 1 + ((second / 3) % 6), second, bothSides(second / 3))
    })
    expect(found).toEqual([])
  })
  it.each([
    ['on a parallel road', 12, 0],
    ['the other way', -3.2, 180],
  ] as const)('is not one past which others drive %s', (_where, asideM, headingDeg) => {
    createdScene = createScene()
    const found = standWithPassers(second => {
      if (second % 15 === 0 && second > 0) pass(createdScene, 1 + ((second / 15) % 5), second, asideM, headingDeg)
    })
    expect(found).toEqual([])
  })
  describe('at the edge of a road that is known', () => {
    /** Forty vehicles drove here before, each of which stood for so long where row 0 will, and `kerbM` to the right of them it will. */
    function known(standS: number, given: Parameters<typeof createScene>[0] = {}): Scene {
      const scene = createScene(given)
      for (let n = 0; n < 40; n++) {
        let atMs = -40 * 2_000_000 + n * 2_000_000
        for (let northM = -100; northM <= 100; northM += 10) {
          scene.drive(10 + (n % 8), { atMs, eastM: 0, northM, speedMps: 10, headingDeg: 0 })
          if (northM === 0)
            for (let second = 1; second <= standS; second++) {
              scene.drive(10 + (n % 8), { atMs: atMs + second * 1_000, eastM: 0, northM, speedMps: 0, headingDeg: 0 })
            }
          atMs += northM === 0 ? (standS + 1) * 1_000 : 1_000
        }
      }
      return scene
    }
    const standHere = (scene: Scene, seconds: number, sample: Partial<SceneSample> = {}) =>
      stand(scene, seconds, sample, second => {
        if (second % 3 === 0) pass(scene, 1 + ((second / 3) % 6), second, (sample.eastM ?? 0) - 3.2)
      })

    it('is one after 15 s where nobody ever stands', () => {
      expect(standHere(known(0), 30)[0]).toMatchObject({ cause: 94, second: 15 })
    })
    it('is not one so soon beside the lane: nobody drives where it stands', () => {
      expect(standHere(known(0), 100, { eastM: 3 })).toEqual([])
    })
    it('is one after half as long again where vehicles usually stand for 240 s, and not before', () => {
      expect(standHere(known(150), 400)[0]).toMatchObject({ cause: 94, second: 360 })
    })
    it('is one after 120 s where vehicles usually stand for less', () => {
      expect(standHere(known(20), 130)[0]).toMatchObject({ cause: 94, second: 120 })
    })
    it('is never one where vehicles park', () => {
      expect(standHere(known(700), 1_500)).toEqual([])
    })
  })
  it('is not one at a long red light where nobody drives by', () => {
    expect(stand(createScene(), 300, {})).toEqual([])
  })
  it('is not one in a queue, even with hazard lights: somebody stands in its lane ahead', () => {
    const scene = createScene()
    const found = stand(scene, 30, { flags: ['hazard_lights'] }, second => {
      if (second === 0) scene.drive(1, { atMs: -2_000, eastM: 0, northM: 5, speedMps: 3, headingDeg: 0 })
      scene.drive(1, { atMs: second * 1_000, eastM: 0, northM: 8, speedMps: 0, headingDeg: 0 })
    })
    expect(found).toEqual([])
  })
  it('is one beside a queue in the next lane', () => {
    const scene = createScene()
    const found = stand(scene, 10, { flags: ['hazard_lights'] }, second => {
      if (second === 0) scene.drive(1, { atMs: -2_000, eastM: 3.3, northM: 5, speedMps: 3, headingDeg: 0 })
      scene.drive(1, { atMs: second * 1_000, eastM: 3.3, northM: 8, speedMps: 0, headingDeg: 0 })
    })
    expect(found.length).toBeGreaterThan(0)
  })
  it.each([
    ['parked: ignition off', { flags: ['ignition_off', 'parking_brake'] }],
    ['a bus at its stop', { role: 2, flags: ['doors_open', 'hazard_lights'] }],
    ['a silent bus', { role: 2 }],
  ] as const)('is not one that is %s', (_what, sample) => {
    createdScene = createScene()
    const found = standWithPassers(second => {
      if (second % 15 === 0 && second > 0) pass(createdScene, 1 + ((second / 15) % 5), second, 3.2)
    }, sample)
    expect(found).toEqual([])
  })
  it('is not one that moves with hazard lights', () => {
    const scene = createScene()
    for (let second = 0; second < 30; second++) {
      const { findings } = scene.drive(0, {
        atMs: second * 1_000,
        eastM: 0,
        northM: second * 3,
        speedMps: 3,
        headingDeg: 0,
        flags: ['hazard_lights'],
      })
      expect(findings).toEqual([])
    }
  })
})
