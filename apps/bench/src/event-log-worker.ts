import { randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createFileEventLog, createKafkaEventLog, type EventLog } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'
import { serveEventLog } from './event-log-driver.js'
import { workerOptions } from './worker.js'

const { brokers } = workerOptions<{ brokers?: readonly string[] }>()
const topic = `bench-${randomBytes(6).toString('hex')}`

serveEventLog(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'outrider-bench-'))
  const log =
    brokers === undefined ? embedded(folder) : createKafkaEventLog({ brokers, clientId: 'bench', replication: 1, onEvent: () => {} })
  await log.start()
  await log.ensureTopics([{ topic, partitions: 1, retentionMs: 3_600_000, compacted: false }])
  return {
    async append(values) {
      const timeMs = Date.now()
      await log.append({ topic, records: values.map(value => ({ key: 'node-1', value, timeMs })) })
    },
    read: records => readAll(log, records),
    async stop() {
      await log.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

function embedded(folder: string): EventLog {
  return createFileEventLog({
    folder,
    writer: 'bench',
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    onEvent: () => {},
  })
}

async function readAll(log: EventLog, records: number): Promise<void> {
  let read = 0
  await new Promise<void>((resolve, reject) => {
    const consumer = log.consume({
      topics: [topic],
      group: 'bench',
      from: 'beginning',
      onBatch: async batch => {
        read += batch.records.length
        if (read >= records) resolve()
      },
    })
    consumer.finished.catch(reject)
  })
}
