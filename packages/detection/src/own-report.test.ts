import { describe, expect, it } from 'vitest'
import { createScene, placeAt } from './test-scene.js'

const driving = { atMs: 0, eastM: 0, northM: 0, speedMps: 10, headingDeg: 90 }

describe("a driver's or camera's own report", () => {
  it('is placed ahead along the course, and does not count alone', () => {
    const observations = [{ cause: 10, subCause: 1, distanceDm: 1_000, source: 1 }]
    const { findings } = createScene().drive(0, { ...driving, observations })
    expect(findings).toMatchObject([{ detector: 'own_report', cause: 10, subCause: 1, alone: false, subject: false, headingDeg: 90 }])
    const wanted = placeAt(100, 0)
    expect(Math.abs(findings[0]!.x - wanted.x)).toBeLessThan(60)
    expect(Math.abs(findings[0]!.y - wanted.y)).toBeLessThan(60)
    expect(findings[0]!.uncertaintyM).toBeGreaterThanOrEqual(20)
  })
  it('of a health problem is told as a standing vehicle, never as itself', () => {
    const { findings } = createScene().drive(0, { ...driving, observations: [{ cause: 93, subCause: 2, source: 1 }] })
    expect(findings).toMatchObject([{ cause: 94, subCause: 0 }])
  })
  it('of a wrong-way driver has the reference heading of who comes', () => {
    const { findings } = createScene().drive(0, { ...driving, observations: [{ cause: 14, source: 1 }] })
    expect(findings).toMatchObject([{ cause: 14, headingDeg: 270 }])
  })
  it.each([0, 3, 15, 95, 97, 99, 200])('is not taken for cause %i: that is a detector or a partner to say', cause => {
    expect(createScene().drive(0, { ...driving, observations: [{ cause, source: 1 }] }).findings).toEqual([])
  })
  it('may be several at once', () => {
    const observations = [
      { cause: 10, source: 1 },
      { cause: 11, source: 2 },
    ]
    expect(
      createScene()
        .drive(0, { ...driving, observations })
        .findings.map(finding => finding.cause),
    ).toEqual([10, 11])
  })
})
