import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberRanges } from './number-ranges.js'
import { ReportNumbers } from './report-numbers.js'

const { RefusalReason } = outrider.v1
type Ack = outrider.v1.ReportAck.$Properties

/** Numbers an acknowledgement says are durable. */
function durableIn({ through, ahead, except }: Ack): Set<number> {
  const numbers = new Set(Array.from({ length: through ?? 0 }, (_, index) => index + 1))
  for (const { first, last } of ahead ?? []) for (let number = first!; number <= last!; number++) numbers.add(number)
  for (const { first, last } of except ?? []) for (let number = first!; number <= last!; number++) numbers.delete(number)
  return numbers
}

describe('number ranges', () => {
  it('hold what was added, apart and in order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ first: fc.integer({ min: 1, max: 60 }), length: fc.nat(5) }), { maxLength: 40 }), added => {
        const ranges = new NumberRanges()
        const model = new Set<number>()
        for (const { first, length } of added) {
          ranges.add(first, first + length)
          for (let number = first; number <= first + length; number++) model.add(number)
        }
        for (let number = 0; number <= 70; number++) expect(ranges.has(number)).toBe(model.has(number))
        for (let at = 1; at < ranges.bounds.length; at++) {
          const gap = ranges.bounds[at]! - ranges.bounds[at - 1]!
          expect(gap).toBeGreaterThanOrEqual(at % 2 === 0 ? 2 : 0)
        }
      }),
      { seed: 61, numRuns: 300 },
    )
  })
})

describe('report numbers', () => {
  it('never acknowledge what is not synced, and acknowledge all that is, whatever the order and the lanes', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('accept' as const),
        number: fc.integer({ min: 1, max: 40 }),
        lane: fc.constantFrom('urgent' as const, 'telemetry' as const),
      }),
      fc.record({ kind: fc.constant('refuse' as const), number: fc.integer({ min: 1, max: 40 }) }),
      fc.record({
        kind: fc.constant('sync' as const),
        lane: fc.constantFrom('urgent' as const, 'telemetry' as const),
        upTo: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('tell' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const numbers = new ReportNumbers()
        const sequences = { urgent: 0, telemetry: 0 }
        const synced = { urgent: 0, telemetry: 0 }
        const accepted = new Map<number, { lane: 'urgent' | 'telemetry'; sequence: number }>()
        const refused = new Set<number>()
        const isDurable = (number: number) => {
          const place = accepted.get(number)
          return place !== undefined && place.sequence <= synced[place.lane]
        }
        const told = new Set<number>()
        const toldRefused = new Set<number>()
        const tell = () => {
          for (const lane of ['urgent', 'telemetry'] as const) numbers.settle(lane, synced[lane])
          const ack = numbers.takeAck()
          if (ack === undefined) return
          for (const { first, last } of ack.except ?? []) for (let number = first!; number <= last!; number++) toldRefused.add(number)
          for (const number of durableIn(ack)) if (!toldRefused.has(number)) told.add(number)
          for (const number of told) expect(isDurable(number)).toBe(true)
        }
        for (const each of steps) {
          if (each.kind === 'accept') {
            const isKnown = accepted.has(each.number) || refused.has(each.number)
            expect(numbers.isKnown(each.number)).toBe(isKnown)
            if (isKnown) continue
            accepted.set(each.number, { lane: each.lane, sequence: ++sequences[each.lane] })
            numbers.accept(each.number, each.lane, sequences[each.lane])
          } else if (each.kind === 'refuse') {
            if (accepted.has(each.number) || refused.has(each.number)) continue
            refused.add(each.number)
            numbers.refuse(each.number, RefusalReason.REFUSAL_REASON_STALE)
          } else if (each.kind === 'sync') synced[each.lane] = Math.max(synced[each.lane], Math.floor(each.upTo * sequences[each.lane]))
          else tell()
        }
        synced.urgent = sequences.urgent
        synced.telemetry = sequences.telemetry
        tell()
        expect([...told].sort()).toEqual([...accepted.keys()].sort())
        expect([...toldRefused].sort()).toEqual([...refused].sort())
      }),
      { seed: 67, numRuns: 500 },
    )
  })

  it('are bounded: of more than 64 ranges the oldest hole is told as lost', () => {
    const numbers = new ReportNumbers()
    for (let number = 1; number <= 200; number += 2) numbers.accept(number, 'urgent', number)
    numbers.settle('urgent', 1_000)
    const ack = numbers.takeAck()!
    expect((ack.ahead?.length ?? 0) + 1).toBeLessThanOrEqual(64)
    expect(ack.except![0]).toEqual({ first: 2, last: 2, reason: RefusalReason.REFUSAL_REASON_LOST })
  })
})
