import { describe, expect, it } from 'vitest'
import { createScene } from './test-scene.js'

const standing = { atMs: 0, eastM: 0, northM: 0, speedMps: 0, headingDeg: 90 }

describe('crash', () => {
  it.each([
    [['ecall_auto'], 3],
    [['airbag'], 1],
    [['airbag', 'ecall_auto'], 3],
    [['airbag', 'ecall_manual'], 2],
  ] as const)('%s is 92/%i, from one vehicle', (flags, subCause) => {
    const { findings } = createScene().drive(0, { ...standing, flags })
    expect(findings).toMatchObject([{ detector: 'crash', cause: 92, subCause, alone: true, subject: true }])
  })

  it('is not a manual eCall alone: that is a call for help', () => {
    expect(createScene().drive(0, { ...standing, flags: ['ecall_manual'] }).findings).toEqual([])
  })

  it('is a manual eCall of who drove and now stands, as 92/2, if somebody seconds it', () => {
    const scene = createScene()
    scene.drive(0, { ...standing, speedMps: 14 })
    expect(scene.drive(0, { ...standing, atMs: 2_000, eastM: 14, flags: ['ecall_manual'] }).findings).toMatchObject([
      { cause: 92, subCause: 2, alone: false, subject: true },
    ])
    expect(scene.drive(0, { ...standing, atMs: 4_000, eastM: 20, speedMps: 6, flags: ['ecall_manual'] }).findings).toEqual([])
  })

  it('is read from a sample that was overtaken, too', () => {
    const scene = createScene()
    scene.drive(0, { ...standing, atMs: 2_000 })
    expect(scene.drive(0, { ...standing, atMs: 1_000, flags: ['airbag'] }, 2_100)).toMatchObject({
      reason: 'late',
      findings: [{ cause: 92 }],
    })
  })

  it('is believed though the speed falls faster than tyres can do', () => {
    const scene = createScene()
    scene.drive(0, { ...standing, speedMps: 25 })
    expect(scene.drive(0, { ...standing, atMs: 200, eastM: 3, flags: ['airbag'] }).reason).toBeUndefined()
  })
})
