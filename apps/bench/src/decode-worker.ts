// Decodes the same reports with one of the two decoders, alone in its process, so that neither is compiled with the other in mind.
import { createReportRecord, decodeReport, outrider } from '@outrider/protocol'
import { readUsage, serveCommands, workerOptions } from './worker.js'

const { decoder, samples } = workerOptions<{ decoder: 'generated' | 'hot'; samples: number }>()
/** Reports that are decoded in turn: more than the CPU's branch predictor learns by heart, few enough to stay in its cache. */
const reports = Array.from({ length: 512 }, (_, index) => outrider.v1.Report.encode(makeReport(index)).finish())
const record = createReportRecord()
/** Takes something of every result, so that no decode can be optimised away. */
let sink = 0

const decoders = {
  generated(bytes: Uint8Array) {
    const report = outrider.v1.Report.decode(bytes)
    sink += report.samples[0]?.latitudeE7 ?? 0
  },
  hot(bytes: Uint8Array) {
    const outcome = decodeReport(bytes, record)
    if (outcome !== 'ok') throw new Error(`the hot decode refused a report: ${outcome}`)
    sink += record.latitudeDeg[0]!
  },
}

serveCommands({
  sink: () => sink,
  run: ({ durationS }: { durationS: number }) => {
    decodeFor(durationS / 4)
    const before = readUsage().cpuMicros
    const decoded = decodeFor(durationS)
    const cpuMicros = readUsage().cpuMicros - before
    return { perReport: (cpuMicros * 1000) / decoded, reportsPerS: decoded / durationS }
  },
})

/** Decodes for so many seconds; returns how many reports that were. */
function decodeFor(durationS: number): number {
  const decode = decoders[decoder]
  const endMs = performance.now() + durationS * 1000
  let decoded = 0
  while (performance.now() < endMs) {
    for (const bytes of reports) decode(bytes)
    decoded += reports.length
  }
  return decoded
}

/** A report as a moving car sends it: motion in every sample, conditions in the last. */
function makeReport(index: number): outrider.v1.IReport {
  return {
    number: index + 1,
    timeMs: 1.8e12 + index * 100,
    samples: Array.from({ length: samples }, (_, at) => ({
      timeOffsetMs: at * 100,
      latitudeE7: 535_600_000 + index * 937 + at,
      longitudeE7: 99_700_000 - index * 1409 + at,
      horizontalAccuracyDm: 15 + (index % 20),
      speedCmps: 1389 + index,
      headingDecideg: (index * 37) % 3600,
      accelerationLongitudinalCmps2: (index % 300) - 150,
      accelerationLateralCmps2: (index % 100) - 50,
      yawRateCentidegps: (index % 500) - 250,
      ...(at === samples - 1 ? { frictionPercent: 80, airTemperatureDecidegc: 45, wiperLevel: 1 } : {}),
    })),
  }
}
