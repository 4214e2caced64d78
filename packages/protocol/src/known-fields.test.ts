import fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { expect, it } from 'vitest'
import { outrider } from '../gen/outrider.js'
import { decodeReport } from './decode-report.js'
import { withoutUnknownFields } from './known-fields.js'
import { createReportRecord } from './report-record.js'

const plate = 'HH-OR 4711'

/** Field 500 with the plate. */
const writeUnknown = (writer: protobuf.Writer) => writer.uint32((500 << 3) | 2).string(plate)
const message = (write: (writer: protobuf.Writer) => void) => {
  const writer = protobuf.Writer.create()
  write(writer)
  return writer.finish()
}

/** A report with fields nobody knows at some of its depths, and the same without them. */
function reportOf(at: { readonly report: boolean; readonly sample: boolean; readonly observation: boolean; readonly verdict: boolean }) {
  const write = (unknown: typeof at) =>
    message(writer => {
      writer.uint32(8).uint32(7).uint32(17).double(1_790_000_000_000)
      if (unknown.report) writeUnknown(writer)
      const observation = message(inner => {
        inner.uint32(8).int32(94)
        if (unknown.observation) writeUnknown(inner)
      })
      const sample = message(inner => {
        inner.uint32(21).sfixed32(535_500_000).uint32(29).sfixed32(99_900_000).uint32(106).bytes(observation)
        if (unknown.sample) writeUnknown(inner)
      })
      writer.uint32(26).bytes(sample)
      if (at.verdict) writer.uint32(50).bytes(message(inner => void (unknown.verdict && writeUnknown(inner))))
    })
  return { withThem: write(at), without: write({ report: false, sample: false, observation: false, verdict: false }) }
}

it('a field that nobody knows is noticed at every depth, and not kept', () => {
  const record = createReportRecord()
  const shape = fc.record({ report: fc.boolean(), sample: fc.boolean(), observation: fc.boolean(), verdict: fc.boolean() })
  fc.assert(
    fc.property(shape, at => {
      const { withThem, without } = reportOf(at)
      decodeReport(withThem, record)
      const isAnyThere = at.report || at.sample || at.observation || at.verdict
      expect(record.mayHoldUnknown).toBe(isAnyThere)
      expect(Buffer.from(withThem).includes(plate)).toBe(isAnyThere)
      const kept = withoutUnknownFields(withThem)
      expect(Buffer.from(kept).includes(plate)).toBe(false)
      expect(outrider.v1.Report.decode(kept)).toEqual(outrider.v1.Report.decode(without))
    }),
    { seed: 12, numRuns: 200 },
  )
})
