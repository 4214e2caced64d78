import type { ConsumedBatch, EventLog } from '@outrider/event-log'
import { orCliError } from './open-event-log.js'

/**
 * Hands over a topic's records from the beginning to the end it has now, and commits nothing. `onBatch` returns false to stop earlier.
 * Records that are gone are told on standard error. @throws CliError
 */
export async function readTopic(log: EventLog, topic: string, onBatch: (batch: ConsumedBatch) => boolean): Promise<void> {
  const ends = new Map(
    (await orCliError(() => log.positions(topic)))
      .filter(each => each.endOffset > each.beginOffset)
      .map(each => [each.partition, each.endOffset]),
  )
  if (ends.size === 0) return
  const done = new AbortController()
  const consumer = log.consume({
    topics: [topic],
    from: 'beginning',
    signal: done.signal,
    async onBatch(batch) {
      const { partition, records, gap } = batch
      if (gap !== undefined)
        process.stderr.write(`outrider: ${topic}/${partition}: offsets ${gap.fromOffset} to ${gap.toOffset - 1} are gone (${gap.reason})\n`)
      const goesOn = onBatch(batch)
      const next = records.length > 0 ? records.at(-1)!.offset + 1 : (gap?.toOffset ?? 0)
      if (next >= (ends.get(partition) ?? 0)) ends.delete(partition)
      if (ends.size === 0 || !goesOn) done.abort()
    },
  })
  await orCliError(() => consumer.finished)
}
