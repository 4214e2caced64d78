// A process on an embedded event log, driven by the tests: node member.mjs FOLDER WRITER append|consume TOPIC [GROUP].
// Appends numbered records for ever and prints each number once it is acknowledged, or prints what it consumes, one line each.
import { randomInt } from 'node:crypto'
import { createFileEventLog } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'

const [folder, writer, job, topic, group] = process.argv.slice(2)
const randomUint32 = () => randomInt(2 ** 32)
const log = createFileEventLog({ folder, writer, files: nodeFiles, clock: nodeClock, randomUint32, onEvent: () => {} })
await log.start()
if (job === 'append') {
  const { endOffset = 1 } = (await log.positions(topic)).find(each => each.partition.startsWith(`${writer}@`)) ?? {}
  for (let n = endOffset; ; n++) {
    await log.append({ topic, records: [{ key: writer, value: Buffer.from(`${writer}:${n}`), timeMs: Date.now() }] })
    process.stdout.write(`${writer}:${n}\n`)
  }
}
await log.consume({
  group,
  topics: [topic],
  from: 'committed',
  async onBatch({ records }) {
    process.stdout.write(records.map(each => `${Buffer.from(each.value)}\n`).join(''))
  },
}).finished
