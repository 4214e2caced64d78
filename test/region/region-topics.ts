// What a region brought into its embedded event log.
import { randomInt } from 'node:crypto'
import path from 'node:path'
import { createFileEventLog } from '@outrider/event-log'
import { outrider } from '@outrider/protocol'
import { nodeClock, nodeFiles } from '@outrider/spool'
import type { RegionPlace, RegionProcess } from './region-process.js'

/** A region that stops keeps on disk what is not yet in the event log; where all of it is wanted, wait for this first. */
export async function untilDrained({ adminPort }: Pick<RegionProcess, 'adminPort'>): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
    if (/^outrider_region_drain_lag_entries\{[^}]*\} 0$/m.test(metrics)) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Every record of a topic, as it lies in the embedded event log of a region that has stopped. */
export async function readTopic(place: Pick<RegionPlace, 'folder'>, topic: string): Promise<outrider.v1.Record[]> {
  const log = createFileEventLog({
    folder: path.join(place.folder, 'data', 'event-log'),
    writer: 'reader',
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    onEvent: () => {},
  })
  await log.start()
  const ends = (await log.positions(topic)).reduce((sum, { beginOffset, endOffset }) => sum + endOffset - beginOffset, 0)
  const records: outrider.v1.Record[] = []
  let seen = 0
  const consumer = log.consume({
    topics: [topic],
    from: 'beginning',
    onBatch: async batch => {
      for (const { value } of batch.records) records.push(outrider.v1.Record.decode(value!))
      seen += batch.records.length + (batch.gap === undefined ? 0 : batch.gap.toOffset - batch.gap.fromOffset)
    },
  })
  while (seen < ends) await new Promise(resolve => setTimeout(resolve, 10))
  await consumer.stop()
  await log.stop()
  return records
}
