import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brake, createScene } from './test-scene.js'

const steps = { '10 Hz': 100, '5 Hz': 200, '2 Hz': 500, '1 Hz': 1_000 }

describe('emergency braking', () => {
  for (const [name, stepMs] of Object.entries(steps)) {
    it(`is found at ${name} from speeds alone, as 99/1, by one vehicle`, () => {
      const found = brake(createScene(), 0, { speedMps: 20, decelMps2: 7, stepMs, forMs: 2_000 })
      expect(found.length).toBeGreaterThan(0)
      expect(found[0]).toMatchObject({ detector: 'hard_braking', cause: 99, subCause: 1, alone: true, headingDeg: 0 })
    })
    it(`is not what ordinary drivers do, at ${name}: 4.5 m/s2`, () => {
      expect(brake(createScene(), 0, { speedMps: 20, decelMps2: 4.5, stepMs, forMs: 4_000 })).toEqual([])
    })
  }

  it('is never found in steady braking below 6 m/s2, whatever the rate and the speed', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 5, max: 45, noNaN: true }),
        fc.double({ min: 0, max: 5.8, noNaN: true }),
        fc.constantFrom(100, 200, 500, 1_000),
        (speedMps, decelMps2, stepMs) => {
          expect(brake(createScene(), 0, { speedMps, decelMps2, stepMs, forMs: 3_000 })).toEqual([])
        },
      ),
      { seed: 41, numRuns: 60 },
    )
  })

  it('needs to begin at 8 m/s', () => {
    expect(brake(createScene(), 0, { speedMps: 7.5, decelMps2: 9, stepMs: 100, forMs: 1_500 })).toEqual([])
  })

  it('needs to begin there, not to have been there before', () => {
    const scene = createScene()
    let northM = 0
    const found = [8.6, 8.4, 8.2, 8.0, 7.9, 7.8, 7.7, 7.0, 6.3, 5.6, 4.9, 4.2].flatMap((speedMps, index) => {
      northM += speedMps / 10
      return scene.drive(0, { atMs: index * 100, eastM: 0, northM, speedMps, headingDeg: 0 }).findings
    })
    expect(found).toEqual([])
  })

  it('is no loss of speed that the way does not know of: the speeds are bad values', () => {
    const scene = createScene()
    // A cut of NGSIM's Lankershim: the position goes on at 5.7 m/s.
    const found = [5.7, 5.7, 6.8, 9.5, 11.4, 11.4, 9.6, 6.9, 6.0, 6.3, 6.7, 6.9, 7.0].flatMap((speedMps, index) => {
      return scene.drive(0, { atMs: index * 100, eastM: 0, northM: index * 0.57 + (index * index) / 200, speedMps, headingDeg: 0 }).findings
    })
    expect(found).toEqual([])
  })

  it('is no sensor value without loss of speed', () => {
    expect(brake(createScene(), 0, { speedMps: 15, decelMps2: 0, stepMs: 100, forMs: 2_000 }, { accelMps2: -9 })).toEqual([])
    expect(brake(createScene(), 0, { speedMps: 15, decelMps2: -2, stepMs: 100, forMs: 2_000 }, { accelMps2: -9 })).toEqual([])
  })

  it('is a sensor value with 3 m/s lost within a second', () => {
    const scene = createScene()
    scene.drive(0, { atMs: 0, eastM: 0, northM: 0, speedMps: 14, headingDeg: 0, accelMps2: 0 })
    const { findings } = scene.drive(0, { atMs: 1_000, eastM: 0, northM: 12.4, speedMps: 10.8, headingDeg: 0, accelMps2: -6.5 })
    expect(findings).toMatchObject([{ cause: 99, subCause: 1 }])
  })

  it('is the flag of the emergency brake, as 99/5, but not while parking', () => {
    const moving = brake(createScene(), 0, { speedMps: 10, decelMps2: 0, stepMs: 1_000, forMs: 0 }, { flags: ['aeb'] })
    expect(moving[0]).toMatchObject({ cause: 99, subCause: 5, alone: true })
    expect(brake(createScene(), 0, { speedMps: 1.5, decelMps2: 0, stepMs: 1_000, forMs: 0 }, { flags: ['aeb'] })).toEqual([])
  })

  it('is the flag of a vehicle that does not say how fast it is', () => {
    expect(createScene().drive(0, { atMs: 0, eastM: 0, northM: 0, flags: ['aeb'] }).findings).toMatchObject([{ cause: 99, subCause: 5 }])
  })
  it('is the flag of an urgent report that telemetry overtook, but no braking is measured from it', () => {
    const scene = createScene()
    for (let atMs = 0; atMs <= 3_000; atMs += 1_000) scene.drive(0, { atMs, eastM: 0, northM: atMs / 100, speedMps: 10, headingDeg: 0 })
    const late = { atMs: 1_500, eastM: 0, northM: 15, headingDeg: 0 }
    expect(scene.drive(0, { ...late, speedMps: 9, flags: ['aeb'] }, 3_000).findings).toMatchObject([{ cause: 99, subCause: 5 }])
    expect(scene.drive(0, { ...late, speedMps: 1, flags: ['aeb'] }, 3_000).findings).toEqual([])
    expect(scene.drive(0, { ...late, speedMps: 1, accelMps2: -9 }, 3_000).findings).toEqual([])
  })

  it('is not the hard-brake flag, nor a collision warning, ABS or ESC', () => {
    const flags = ['hard_brake', 'fcw', 'abs', 'esc', 'tcs'] as const
    expect(brake(createScene(), 0, { speedMps: 20, decelMps2: 4, stepMs: 500, forMs: 2_000 }, { flags })).toEqual([])
  })

  it('is told as a crash where there was one', () => {
    const found = brake(createScene(), 0, { speedMps: 20, decelMps2: 9, stepMs: 100, forMs: 1_000 }, { flags: ['airbag'] })
    expect(new Set(found.map(finding => finding.cause))).toEqual(new Set([92]))
  })
})
