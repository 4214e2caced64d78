import { setTimeout as sleep } from 'node:timers/promises'
import { fetchJson } from './scrape.js'

/** What `outrider up` reads of central's /v1/stats, which counts it by SQL from the store. */
export interface CentralStats {
  readonly reports: { readonly identities: number; readonly duplicates: number }
  readonly records: { readonly repeatsDropped: number; readonly lost: number }
  readonly alerts: { readonly total: number }
  readonly deliveries: { readonly targeted: number; readonly acknowledged: number }
  readonly deadLetters: number
  /** Null: the event log does not answer. Where it is 0, the counts have all that was in the event log. */
  readonly eventLog: { readonly lag: number | null }
}

/** Counting a day of reports may take a while. */
const waitMs = 30_000

/** Another question since some time may be in the making: its turn comes. */
const attemptsSince = 20
const attemptEveryMs = 1_000

/** All that central keeps. Undefined if central does not answer. */
export async function readCentralStats(port: number): Promise<CentralStats | undefined> {
  return (await fetchJson(`http://127.0.0.1:${port}/v1/stats`, waitMs)) as CentralStats | undefined
}

/**
 * Reports received, alerts first recorded and deliveries targeted at `sinceMs` (ms since 1970-01-01 UTC) or later. Undefined if central does
 * not answer.
 */
export async function readCentralStatsSince(port: number, sinceMs: number): Promise<CentralStats | undefined> {
  for (let attempt = 1; ; attempt++) {
    const stats = (await fetchJson(`http://127.0.0.1:${port}/v1/stats?since=${sinceMs}`, waitMs)) as CentralStats | undefined
    if (stats !== undefined || attempt === attemptsSince) return stats
    await sleep(attemptEveryMs)
  }
}
