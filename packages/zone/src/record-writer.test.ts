import { type DeliveryTransition, encodeTransition } from '@outrider/delivery'
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecordHead, createRecordWriter } from './record-writer.js'

const clock = { monotonicMs: () => 5, wallMs: () => 1_790_000_000_000, wallOffsetMs: () => -12.5 }

describe('record writer', () => {
  it('writes what the generated encoder writes, for any names, sizes and times', () => {
    const writer = createRecordWriter(clock, 0xffff_ffff)
    const name = fc.string({ minLength: 1, maxLength: 21, unit: 'grapheme' })
    fc.assert(
      fc.property(
        name,
        name,
        fc.nat(0xffff_ffff),
        fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
        fc.boolean(),
        fc.nat(10),
        (authority, vehicle, sdkStart, offset, urgent, samples) => {
          const report = {
            number: 3,
            timeMs: 17,
            samples: Array.from({ length: samples }, () => ({ latitudeE7: 535_500_000, longitudeE7: -5 })),
          }
          const message = outrider.v1.Report.encode(report).finish()
          const bytes = writer.report(
            createRecordHead(authority, vehicle, sdkStart),
            1_790_000_000_123.25,
            offset ?? Number.NaN,
            message,
            urgent,
          )
          const expected = outrider.v1.Record.encode({
            schema: 1,
            authority,
            recordedTimeMs: 1_790_000_000_123.25,
            clockTimeMs: 1_790_000_000_123.25 + 12.5,
            clockOffsetMs: -12.5,
            boot: 0xffff_ffff,
            report: {
              vehicle,
              sdkStart,
              receivedTimeMs: 1_790_000_000_123.25,
              ...(offset === null ? {} : { vehicleClockOffsetMs: offset }),
              report,
              ...(urgent ? { urgent } : {}),
            },
          }).finish()
          expect(Buffer.from(bytes).equals(Buffer.from(expected))).toBe(true)
        },
      ),
      { seed: 71, numRuns: 300 },
    )
  })

  it('writes a step of a delivery as the generated encoder does, whatever it says', () => {
    const writer = createRecordWriter(clock, 0xffff_ffff)
    const name = fc.string({ minLength: 1, maxLength: 21, unit: 'grapheme' }).filter(text => Buffer.byteLength(text) <= 64)
    const id = fc.record({ node: name, boot: fc.nat(0xffff_ffff), sequence: fc.nat(0xffff_ffff) })
    const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
    const time = fc.double({ min: 1, max: 2e12, noNaN: true })
    const step: fc.Arbitrary<DeliveryTransition> = fc.record({
      key: fc.constant('a/00000001/1'),
      id,
      revision: fc.integer({ min: 1, max: 0xffff_ffff }),
      row: fc.constant(0),
      state: fc.nat(8),
      stage: fc.nat(4),
      dropReason: fc.nat(8),
      atMs: time,
      sentAtMs: maybe(time),
      vehicleTimeMs: maybe(time),
      movedTo: fc.constant(undefined),
      recovered: fc.boolean(),
      alreadyHeld: fc.boolean(),
      reached: fc.boolean(),
      timeToHazardMs: maybe(fc.double({ min: 0, max: 86_400_000, noNaN: true })),
      distanceM: maybe(fc.double({ min: 0, max: 100_000, noNaN: true })),
    })
    fc.assert(
      fc.property(name, name, fc.array(step, { minLength: 1, maxLength: 4 }), (authority, vehicle, steps) => {
        const head = createRecordHead(authority, vehicle, 7)
        for (const one of [...steps, ...steps]) {
          const bytes = writer.transition(head, one, 1_790_000_000_123.25)
          const delivery = encodeTransition(one, vehicle, 1_790_000_000_123.25)
          expect(Buffer.from(bytes).equals(Buffer.from(writer.other({ authority, delivery })))).toBe(true)
        }
      }),
      { seed: 72, numRuns: 300 },
    )
  })

  it('stamps every other record with schema, boot and both clocks', () => {
    const record = outrider.v1.Record.decode(createRecordWriter(clock, 9).other({ authority: 'a', end: { revision: 2 } }))
    expect(record).toMatchObject({
      schema: 1,
      authority: 'a',
      boot: 9,
      recordedTimeMs: 1_790_000_000_000,
      clockTimeMs: 1_790_000_000_012.5,
      end: { revision: 2 },
    })
  })
})
