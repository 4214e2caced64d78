import type { SpoolReader } from '@outrider/spool'
import type { Gap, LogRecord } from './event-log.js'
import { decodeStoredRecord } from './stored-record.js'

/** What was read ahead of one partition, up to a limit of bytes. */
export interface PartitionFeed {
  /** The next batch, or undefined if nothing is there yet. @throws what the reading failed with */
  take(): { readonly records: readonly LogRecord[]; readonly gap?: Gap } | undefined
  close(): Promise<void>
}

export interface PartitionFeedOptions {
  readonly reader: SpoolReader
  readonly from: number
  readonly bytesMax: number
  /** Called when there is something to take, also an error. */
  readonly onNews: () => void
}

type Ahead = { readonly gap: Gap; readonly bytes: 0 } | { readonly gap?: never; readonly record: LogRecord; readonly bytes: number }

const gapReasons = { capped: 'expired', damaged: 'damaged', torn: 'torn' } as const

/** Follows a partition from an offset; reads ahead `bytesMax` (and the record that passes it), then waits until some is taken. */
export function createPartitionFeed({ reader, from, bytesMax, onNews }: PartitionFeedOptions): PartitionFeed {
  const stopping = new AbortController()
  const ahead: Ahead[] = []
  let bytes = 0
  let failure: { readonly error: unknown } | undefined
  let resume = () => {}
  const reading = pump().catch(error => {
    failure = { error }
    onNews()
  })

  async function pump(): Promise<void> {
    for await (const item of reader.follow({ from, signal: stopping.signal })) {
      const next: Ahead =
        item.kind === 'gap'
          ? { gap: { fromOffset: item.first, toOffset: item.last + 1, reason: gapReasons[item.reason] }, bytes: 0 }
          : { record: decodeStoredRecord(item.bytes, item.sequence), bytes: item.bytes.length }
      ahead.push(next)
      bytes += next.bytes
      if (ahead.length === 1) onNews()
      while (bytes >= bytesMax && !stopping.signal.aborted) {
        await new Promise<void>(resolve => {
          resume = resolve
        })
      }
    }
  }

  return {
    take() {
      if (ahead.length === 0) {
        if (failure !== undefined) throw failure.error
        return undefined
      }
      const gap = ahead[0]!.gap
      const begin = gap === undefined ? 0 : 1
      const end = ahead.findIndex((item, index) => index >= begin && item.gap !== undefined)
      const records: LogRecord[] = []
      for (const item of ahead.splice(0, end === -1 ? ahead.length : end)) {
        bytes -= item.bytes
        if (item.gap === undefined) records.push(item.record)
      }
      resume()
      return gap === undefined ? { records } : { records, gap }
    },
    async close() {
      stopping.abort()
      resume()
      await reading
    },
  }
}
