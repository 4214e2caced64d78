import type { VehicleEvent } from '@outrider/sdk'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFleetTally } from './fleet-tally.js'

const outcomes = ['accepted', 'refused', 'expired', 'closed', 'unacknowledged'] as const

it('reports that were sent are accepted, refused, unacknowledged, expired or open, whatever happens', () => {
  const report = fc.record({ isUrgent: fc.boolean(), repeats: fc.nat(3), outcome: fc.option(fc.constantFrom(...outcomes)) })
  fc.assert(
    fc.property(fc.array(report), reports => {
      const tally = createFleetTally()
      reports.forEach(({ isUrgent, repeats, outcome }, number) => {
        for (let sent = 0; sent <= repeats; sent++) tally.event({ event: 'report_sent', atMs: 1, number, isUrgent, isRepeat: sent > 0 })
        if (outcome === null) return
        const decided = outcome === 'refused' ? { kind: outcome, reason: 'shed' } : { kind: outcome }
        tally.event({ event: 'report_decided', atMs: 1, number, isUrgent, outcome: decided } as VehicleEvent)
      })
      const { counts } = tally
      const refused = Object.values(counts.reportsRefused).reduce((sum, count) => sum + count, 0)
      expect(counts.reportsSent).toBe(reports.length)
      expect(counts.reportsOpen).toBe(reports.filter(({ outcome }) => outcome === null).length)
      expect(counts.reportsAccepted + refused + counts.reportsUnacknowledged + counts.reportsExpired + counts.reportsOpen).toBe(
        reports.length,
      )
    }),
    { seed: 2 },
  )
})

it('an alert counts as received once per vehicle, not per revision or repeat', () => {
  const tally = createFleetTally()
  for (const outcome of ['new', 'updated', 'repeated', 'too_late', 'ended', 'quiet'] as const) {
    tally.event({ event: 'alert_pushed', atMs: 1, id: 'a', revision: 1, outcome, isRenewal: false })
  }
  expect(tally.counts.alertsReceived).toBe(2)
})

it('links that ended by code, or by the HTTP status that refused them', () => {
  const tally = createFleetTally()
  tally.event({ event: 'link_ended', atMs: 1, url: 'ws://x', code: 4102, httpStatus: undefined, reason: '' })
  tally.event({ event: 'link_ended', atMs: 1, url: 'ws://x', code: 1006, httpStatus: 429, reason: '' })
  expect(tally.counts.linksEnded).toEqual({ 4102: 1, 429: 1 })
})
