import type { SpoolItem } from '@outrider/spool'
import type { UplinkTime } from './link.js'

export interface BatchLimits {
  readonly recordsMax: number
  readonly bytesMax: number
}

/**
 * Puts what a spool's reader has at hand into batches: as much as is there within one turn of the loop, up to the limits, so that a
 * lonely record is not kept waiting and a backlog is not sent one by one. A record longer than `bytesMax` comes alone.
 * Reads one item ahead. The caller ends it by aborting the reader's signal.
 */
export async function* itemBatches(
  items: AsyncIterator<SpoolItem>,
  { recordsMax, bytesMax }: BatchLimits,
  time: Pick<UplinkTime, 'schedule'>,
): AsyncGenerator<readonly SpoolItem[], void> {
  let ahead = items.next()
  for (let first = await ahead; first.done !== true; ) {
    const batch = [first.value]
    let bytes = sizeOf(first.value)
    let cancel = () => {}
    const turn = new Promise<undefined>(resolve => {
      cancel = time.schedule(0, () => resolve(undefined))
    })
    ahead = items.next()
    let next = await Promise.race([ahead, turn])
    while (next !== undefined && next.done !== true && batch.length < recordsMax && bytes + sizeOf(next.value) <= bytesMax) {
      batch.push(next.value)
      bytes += sizeOf(next.value)
      ahead = items.next()
      next = await Promise.race([ahead, turn])
    }
    cancel()
    yield batch
    first = next ?? (await ahead)
  }
}

function sizeOf(item: SpoolItem): number {
  return item.kind === 'record' ? item.bytes.length : 0
}
