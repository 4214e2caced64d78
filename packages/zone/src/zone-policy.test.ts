import { createDetectionPolicy, DetectionError, detectionErrorCodes } from '@outrider/detection'
import { describe, expect, it } from 'vitest'
import { ZoneError, zoneErrorCodes } from './zone-error.js'
import { createZonePolicy, type ZonePolicy } from './zone-policy.js'

describe('policies', () => {
  it('are complete and frozen, whatever is given', () => {
    const policy = createZonePolicy({ intervalMs: 2_000 })
    expect(policy).toMatchObject({ intervalMs: 2_000, stalledMs: 5_000, acknowledgeMs: 10_000 })
    expect(Object.isFrozen(policy)).toBe(true)
    expect(Object.isFrozen(createDetectionPolicy({ joinM: 200 }))).toBe(true)
  })
  it.each([
    ['out of range', { intervalMs: 99 }, 'intervalMs is 99; must be a number from 100 to 5000'],
    ['not a number', { intervalMs: Number.NaN }, 'intervalMs is NaN'],
    ['unknown', { intervall: 5 }, 'intervall is no setting of a zone'],
  ])('that are %s are refused, naming the value', (_what, given, message) => {
    expect(() => createZonePolicy(given as Partial<ZonePolicy>)).toThrow(message)
    expect(() => createZonePolicy(given as Partial<ZonePolicy>)).toThrow(ZoneError)
  })
  it('of detection are refused the same way', () => {
    expect(() => createDetectionPolicy({ againstMin: 1 })).toThrow('againstMin is 1; must be a number from 2 to 10')
    expect(() => createDetectionPolicy({ againstMin: 1 })).toThrow(DetectionError)
  })
  it('have the one error code that is documented', () => {
    expect(Object.values(zoneErrorCodes)).toEqual(['policy_invalid'])
    expect(Object.values(detectionErrorCodes)).toEqual(['policy_invalid'])
  })
})
