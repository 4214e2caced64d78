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

/** Undefined if central does not answer. */
export async function readCentralStats(port: number): Promise<CentralStats | undefined> {
  return (await fetchJson(`http://127.0.0.1:${port}/v1/stats`, waitMs)) as CentralStats | undefined
}
