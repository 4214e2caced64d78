// What was durable and did not reach central's rows. Counts of accepted and arrived reports cannot show it: some arrive whose acknowledgement
// was still under way, and those would make up for as many that are lost.
import type { CentralStats } from './central-stats.js'
import { scrape } from './scrape.js'

export interface Losses {
  /** Records that were in the event log and could not be read there. */
  readonly unreadable: number
  /** Records that came to central and could not be applied. */
  readonly deadLetters: number
  /** Records that nodes gave up, told by gap records. */
  readonly givenUp: number
}

/** All so far; undefined if central does not answer. */
export async function readLosses(centralAdminPort: number, stats: CentralStats): Promise<Losses | undefined> {
  const unreadable = (await scrape(centralAdminPort))?.sum('outrider_central_missed_offsets_total')
  return unreadable === undefined ? undefined : { unreadable, deadLetters: stats.deadLetters, givenUp: stats.records.lost }
}

/** A sentence for each kind that came up between two looks. */
export function describeLosses(before: Losses | undefined, after: Losses | undefined): string[] {
  if (before === undefined || after === undefined) return ['central did not say whether records were lost on their way']
  const sentences: readonly (readonly [keyof Losses, string])[] = [
    ['unreadable', 'records of the event log were damaged or gone before central read them (gap_read in the log of central)'],
    ['deadLetters', 'records could not be applied (outrider dead-letters list)'],
    ['givenUp', 'records were lost at a node, which gave them up'],
  ]
  return sentences.flatMap(([kind, words]) => (after[kind] > before[kind] ? [`${after[kind] - before[kind]} ${words}`] : []))
}
