import { randomInt } from 'node:crypto'
import { createFileEventLog, type EventLog, type NewRecord, topicSpecs } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'
import type { Placed } from './records.js'

/** The embedded event log as a region of this name writes it; started, with its topics. */
export async function openWriter(folder: string, writer: string): Promise<EventLog> {
  const log = createFileEventLog({
    folder,
    writer,
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    onEvent: () => {},
  })
  await log.start()
  await log.ensureTopics(topicSpecs)
  return log
}

/** As the region's drain does: by topic, in order, awaited. */
export async function appendAll(log: EventLog, records: readonly Placed[], batch = 500): Promise<void> {
  for (let at = 0; at < records.length; at += batch) {
    const byTopic = new Map<string, NewRecord[]>()
    for (const { topic, record } of records.slice(at, at + batch)) byTopic.set(topic, [...(byTopic.get(topic) ?? []), record])
    await Promise.all(Array.from(byTopic, ([topic, some]) => log.append({ topic, records: some })))
  }
}
