import { expect, it } from 'vitest'
import type { Admission, Admit } from './admission.js'
import { createRequestLimits } from './request-limits.js'
import { createVehicleDoor } from './vehicle-door.js'

const plenty = { perSecond: 1_000, burst: 1_000 }
const vehicle = { ok: true, vehicle: { pseudonym: 'p' } } as unknown as Admission

function doorOf(admit: Admit, faults: unknown[] = []) {
  const limits = createRequestLimits({ monotonicMs: () => 0, all: plenty, perAddress: plenty, addressesMax: 10 })
  return createVehicleDoor({ origins: [], limits, admit, isOpen: () => true, onFault: cause => faults.push(cause) })
}

it('lets a vehicle in at once, or asks it to come again once its key is found', async () => {
  const atOnce = doorOf(() => vehicle)
  expect(atOnce.admit('t', 'outrider.v1')).toBe(vehicle)
  const late = doorOf(async () => vehicle)
  expect(await late.admit('t', 'outrider.v1')).toMatchObject({ ok: false, problem: 'busy', retryAfterS: 1 })
  expect([atOnce.counts, late.counts]).toEqual([{ 'opened_outrider.v1': 1 }, { token_key_found: 1 }])
})

it('passes a refusal on, whenever it comes, and calls its own fault a fault', async () => {
  const refusal: Admission = { ok: false, reason: 'unknown_key', problem: 'token_refused' }
  expect(doorOf(() => refusal).admit('t', 'outrider.v1')).toBe(refusal)
  expect(await doorOf(async () => refusal).admit('t', 'outrider.v1')).toBe(refusal)
  const faults: unknown[] = []
  const broken = doorOf(() => {
    throw new Error('now')
  }, faults)
  expect(broken.admit('t', 'outrider.v1')).toMatchObject({ ok: false, problem: 'not_ready' })
  const brokenLater = doorOf(() => Promise.reject(new Error('later')), faults)
  expect(await brokenLater.admit('t', 'outrider.v1')).toMatchObject({ ok: false, problem: 'not_ready' })
  expect(faults).toHaveLength(2)
})
