// After the last report: everything that was accepted goes to central, tier by tier, and then its store is read.
import { setTimeout as sleep } from 'node:timers/promises'
import { type CentralStats, readCentralStats } from './central-stats.js'
import type { Ports } from './free-ports.js'
import { scrape } from './scrape.js'
import { edgeNames } from './tiers.js'

export type Drained =
  | { readonly ok: true; readonly stats: CentralStats }
  /** What still waits where, for a person. */
  | { readonly ok: false; readonly stats: CentralStats | undefined; readonly waiting: string }

/** Records go up within milliseconds; half a minute is for what an earlier run left, and for a busy machine. */
const withinMs = 30_000
const everyMs = 100

/** Nothing new must come in meanwhile, else it may never end. @param isOver ends it early, as undrained */
export async function drain(ports: Ports, isOver: () => boolean): Promise<Drained> {
  const untilMs = performance.now() + withinMs
  let waiting = ''
  for (const step of steps(ports)) {
    for (;;) {
      const found = await step()
      if (found === undefined) break
      waiting = found
      if (isOver() || performance.now() > untilMs) return { ok: false, stats: await readCentralStats(ports.central), waiting }
      await sleep(everyMs)
    }
  }
  const stats = await readCentralStats(ports.central)
  return stats === undefined ? { ok: false, stats, waiting: 'central does not answer' } : { ok: true, stats }
}

/** In the order records go, so that what one has passed on is in the next. Each says what it still waits for. */
function steps(ports: Ports): readonly (() => Promise<string | undefined>)[] {
  const edges = edgeNames.map(name => async () => {
    const waiting = (await scrape(ports[`${name}Admin`]))?.sum('outrider_edge_uplink_waiting_records')
    return waiting === 0 ? undefined : `${name} holds ${waiting ?? 'an unknown number of'} records that the region has not acknowledged`
  })
  const region = async () => {
    const waiting = (await scrape(ports.regionAdmin))?.sum('outrider_region_drain_lag_entries')
    return waiting === 0 ? undefined : `the region holds ${waiting ?? 'an unknown number of'} records that are not in the event log`
  }
  const central = async () => {
    const lag = (await readCentralStats(ports.central))?.eventLog.lag
    return lag === 0 ? undefined : `the event log holds ${lag ?? 'an unknown number of'} records that central has not applied`
  }
  return [...edges, region, central]
}
