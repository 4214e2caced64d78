// Drives any durable log the same way, so that the spool and a bare file do the same work: records copied in, groups written
// and synced, the caller told what is on disk.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLatencies } from './latencies.js'
import { pace, sharedNowMs } from './pace.js'
import { readUsage, serveCommands } from './worker.js'

/** The least a durable log can do. Sequences count from 1. */
export interface DurableLog {
  /** Takes a copy of the record and returns its sequence. */
  append(record: Uint8Array): number
  /** Resolves when all up to `sequence` is on disk. */
  whenSynced(sequence: number): Promise<void>
  stop(): Promise<void>
}

interface DurableLoad {
  readonly durationS: number
  readonly rate: number
}

/** Bytes of a record: a report of one sample and its envelope. */
const recordBytes = 200
/** Records not yet synced when throughput is driven to its limit. */
const inFlight = 200

/** Inside a worker: serves `run`, which measures the log that `open` makes in a folder of its own. */
export function serveDurable(open: (folder: string) => Promise<DurableLog>): void {
  serveCommands({
    run: async (load: DurableLoad) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'outrider-bench-'))
      const log = await open(folder)
      try {
        await fill(log, load.durationS / 4)
        const filled = await fill(log, load.durationS)
        return { ...filled, ...(await offer(log, load)) }
      } finally {
        await log.stop()
        rmSync(folder, { recursive: true, force: true })
      }
    },
  })
}

/** As many records as go through with `inFlight` outstanding. */
async function fill(log: DurableLog, durationS: number) {
  const record = new Uint8Array(recordBytes).fill(7)
  const cpuBefore = readUsage().cpuMicros
  const startedMs = performance.now()
  let appended = 0
  let last = 0
  while (performance.now() - startedMs < durationS * 1000) {
    for (let i = 0; i < inFlight; i++) last = log.append(record)
    appended += inFlight
    await log.whenSynced(last - inFlight / 2)
  }
  await log.whenSynced(last)
  const elapsedS = (performance.now() - startedMs) / 1000
  return { recordsPerS: appended / elapsedS, cpuPerRecord: (readUsage().cpuMicros - cpuBefore) / appended }
}

/** Open loop: from append to durable. */
async function offer(log: DurableLog, { durationS, rate }: DurableLoad) {
  const record = new Uint8Array(recordBytes).fill(7)
  const latencies = createLatencies()
  let last = 0
  await pace(rate, durationS, () => {
    const appendedMs = sharedNowMs()
    last = log.append(record)
    void log.whenSynced(last).then(() => latencies.record(sharedNowMs() - appendedMs))
  })
  await log.whenSynced(last)
  return { durableP50: latencies.percentile(50), durableP99: latencies.percentile(99) }
}
