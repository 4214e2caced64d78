import type { EventLog } from '@outrider/event-log'
import type { Queries } from './store/store.js'

/** Records in the event log that are not yet in the store, over all topics read. @throws EventLogError, StoreError */
export async function readLag(eventLog: EventLog, queries: Queries, topics: readonly string[]): Promise<number> {
  const rows = await queries.query<{ topic: string; partition: string; next: number }>(
    'SELECT topic, partition, next_offset::float8 AS next FROM log_position',
  )
  const next = new Map(rows.map(row => [`${row.topic}/${row.partition}`, row.next]))
  let lag = 0
  for (const topic of topics) {
    for (const { partition, beginOffset, endOffset } of await eventLog.positions(topic)) {
      lag += Math.max(0, endOffset - Math.max(beginOffset, next.get(`${topic}/${partition}`) ?? beginOffset))
    }
  }
  return lag
}
