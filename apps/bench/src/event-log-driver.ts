// Drives anything that keeps batches of records the same way: append one batch after another, each durable before the next, then read all back.
import { randomBytes } from 'node:crypto'
import { readUsage, serveCommands } from './worker.js'

/** The least an event log can do. */
export interface BatchLog {
  /** Resolves when the batch is durable. */
  append(values: readonly Uint8Array[]): Promise<void>
  /** Reads from the beginning until `records` have come. */
  read(records: number): Promise<void>
  stop(): Promise<void>
}

const batchRecords = 500
const recordBytes = 200

/** Inside a worker: serves `run`, which measures the log that `open` gives. */
export function serveEventLog(open: () => Promise<BatchLog>): void {
  serveCommands({
    run: async ({ durationS }: { durationS: number }) => {
      const log = await open()
      try {
        // Random bytes, so that compression has the work of real records; the same batch again costs every arm alike.
        const batch = Array.from({ length: batchRecords }, () => randomBytes(recordBytes))
        const warm = await measure(() => fill(log, batch, durationS / 4))
        const appended = await measure(() => fill(log, batch, durationS))
        const records = warm.records + appended.records
        const read = await measure(async () => {
          await log.read(records)
          return records
        })
        return { appendPerS: appended.perS, appendCpu: appended.cpuMicros, readPerS: read.perS, readCpu: read.cpuMicros }
      } finally {
        await log.stop()
      }
    },
  })
}

async function fill(log: BatchLog, batch: readonly Uint8Array[], durationS: number): Promise<number> {
  const endMs = performance.now() + durationS * 1000
  let records = 0
  do {
    await log.append(batch)
    records += batch.length
  } while (performance.now() < endMs)
  return records
}

/** Runs `job`, which returns how many records it handled: a second, and the CPU of each in µs. */
async function measure(job: () => Promise<number>): Promise<{ records: number; perS: number; cpuMicros: number }> {
  const cpuBefore = readUsage().cpuMicros
  const startedMs = performance.now()
  const records = await job()
  const elapsedS = (performance.now() - startedMs) / 1000
  return { records, perS: records / elapsedS, cpuMicros: (readUsage().cpuMicros - cpuBefore) / records }
}
