// At the start: what the process before left open is read from the urgent lane, before any vehicle can come.
import type { Spool } from '@outrider/spool'
import { createOpenDeliveries, type Recovery, type Zone } from '@outrider/zone'

export interface Reopened extends Recovery {
  readonly records: number
  /** Records that were none, and ranges that are gone: drained and removed, or damaged. What was open in them stays open at central. */
  readonly unreadable: number
  readonly gaps: number
}

/** Reads all the lane holds, at about a million records a second. A lane that could not be opened, or breaks while it is read, reopens what was read. */
export async function reopenDeliveries(zone: Zone, lane: Spool, onBroken: (cause: unknown) => void): Promise<Reopened> {
  const open = createOpenDeliveries()
  let records = 0
  let gaps = 0
  try {
    if (lane.appendedThrough >= lane.firstSequence) {
      for await (const item of lane.read({ from: lane.firstSequence })) {
        if (item.kind === 'gap') {
          gaps++
          continue
        }
        open.read(item.bytes)
        records++
      }
    }
  } catch (cause) {
    // Warning does not depend on recording (design, invariant 8).
    onBroken(cause)
  }
  return { ...zone.recover(open.list()), records, unreadable: open.unreadable, gaps }
}
