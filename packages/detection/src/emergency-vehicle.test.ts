import { describe, expect, it } from 'vitest'
import { createScene, type SceneSample } from './test-scene.js'

const emergency = 7
const driving: SceneSample = { atMs: 1_000, eastM: 0, northM: 0, speedMps: 18, headingDeg: 90, role: emergency, flags: ['siren'] }
const find = (sample: Partial<SceneSample>) => createScene().drive(0, { ...driving, ...sample }).findings

describe('emergency vehicle', () => {
  it('approaches with light bar or siren, and is where it is going', () => {
    const wanted = [{ detector: 'emergency_vehicle', cause: 95, subCause: 1, alone: true, subject: true, headingDeg: 90, speedMps: 18 }]
    expect(find({})).toMatchObject(wanted)
    expect(find({ flags: ['light_bar'] })).toMatchObject(wanted)
  })
  it('is not one on its way home, at its scene, or of another role', () => {
    expect(find({ flags: [] })).toEqual([])
    expect(find({ speedMps: 1 })).toEqual([])
    expect(find({ role: 5, flags: ['light_bar'] })).toEqual([])
    expect(find({ role: 0 })).toEqual([])
  })
})
