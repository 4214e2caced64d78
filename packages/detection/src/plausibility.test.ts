import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'

const begin: SceneSample = { atMs: 100_000, eastM: 0, northM: 0, speedMps: 15, headingDeg: 0 }
const after = (ms: number, more: Partial<SceneSample>): SceneSample => ({
  ...begin,
  atMs: begin.atMs + ms,
  northM: (15 * ms) / 1_000,
  ...more,
})

describe('plausibility', () => {
  it.each([
    ['position_jump', after(1_000, { eastM: 400 })],
    ['speed_against_displacement', after(1_000, { northM: 60 })],
    ['acceleration', after(1_000, { speedMps: 60, northM: 30 })],
    ['late', after(0, {})],
    ['late', after(-500, {})],
  ])('names %s', (reason, sample) => {
    const scene = createScene()
    expect(scene.drive(0, begin).reason).toBeUndefined()
    expect(scene.drive(0, sample, 101_000).reason).toBe(reason)
  })
  it('names what is too far in the future, too old, or outside the frame', () => {
    const scene = createScene()
    expect(scene.drive(0, begin, begin.atMs - 5_000).reason).toBe('future')
    expect(scene.drive(0, begin, begin.atMs + 70_000).reason).toBe('stale')
    expect(scene.drive(0, { ...begin, northM: 800_000 }).reason).toBe('outside_frame')
  })
  it('finds a speed that is frozen while the vehicle drives on', () => {
    const scene = createScene()
    const reasons = [0, 1, 2, 3, 4].map(
      second => scene.drive(0, { ...begin, atMs: second * 1_000, northM: second * 22, speedMps: 5.68 }).reason,
    )
    expect(reasons).toContain('speed_against_displacement')
  })
  it('finds a position that is frozen while the vehicle says it drives', () => {
    const scene = createScene()
    const reasons = [0, 1, 2, 3, 4].map(second => scene.drive(0, { ...begin, atMs: second * 1_000, speedMps: 25 }).reason)
    expect(reasons).toContain('frozen_position')
  })
  it('takes a vehicle that was lost and found elsewhere, after three samples that fit', () => {
    const scene = createScene()
    scene.drive(0, begin)
    const reasons = [1, 2, 3, 4].map(second => scene.drive(0, after(second * 1_000, { eastM: 5_000 })).reason)
    expect(reasons).toEqual(['position_jump', 'position_jump', undefined, undefined])
  })
  it('never accuses an honest driver: any accelerations tyres allow, any rate, receivers off by 5 m', () => {
    const step = fc.record({
      ms: fc.constantFrom(100, 200, 1_000, 5_000),
      accel: fc.double({ min: -9, max: 4, noNaN: true }),
      turn: fc.double({ min: -20, max: 20, noNaN: true }),
      blur: fc.double({ min: -3, max: 3, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), steps => {
        const scene = createScene()
        let sample: SceneSample = { atMs: 0, eastM: 0, northM: 0, speedMps: 12, headingDeg: 0 }
        let speedMps = 12
        let headingDeg = 0
        let eastM = 0
        let northM = 0
        let atMs = 0
        for (const { ms, accel, turn, blur } of [{ ms: 100, accel: 0, turn: 0, blur: 0 }, ...steps]) {
          // Driven in slices of 20 ms; it turns by at most 20 degrees a second and no faster than 5 m/s2 sideways.
          for (let at = 0; at < ms; at += 20) {
            speedMps = Math.max(0, Math.min(50, speedMps + (accel * 20) / 1_000))
            const rate = Math.min(Math.abs(turn), speedMps < 0.1 ? 0 : (5 / speedMps) * 57) * Math.sign(turn)
            headingDeg = (headingDeg + (rate * 20) / 1_000 + 360) % 360
            eastM += Math.sin((headingDeg * Math.PI) / 180) * speedMps * 0.02
            northM += Math.cos((headingDeg * Math.PI) / 180) * speedMps * 0.02
          }
          atMs += ms
          sample = { atMs, eastM: eastM + blur, northM: northM - blur, speedMps, headingDeg: Math.min(359.9, headingDeg) }
          expect(scene.drive(0, sample).reason).toBeUndefined()
        }
      }),
      { seed: 43, numRuns: 100 },
    )
  })
})
