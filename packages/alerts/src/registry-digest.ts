// What two registries say to each other on connecting: first what each holds, then what the other lacks. Pure over entries.
import type { outrider } from '@outrider/protocol'
import { formatAlertKey } from '@outrider/protocol'
import type { AlertEntry } from './alert-entry.js'
import type { RegistryDifference } from './alert-registry.js'
import { encodeDigestEntry, encodeLiveAlert, encodeLiveEnd } from './live-messages.js'

type DigestEntry = outrider.v1.DigestEntry.$Properties
type AlertId = outrider.v1.AlertId.$Properties

export function digestOf<Area>(entries: Iterable<AlertEntry<Area>>, monotonicMs: number): DigestEntry[] {
  const kept = [...entries].filter(entry => entry.keepUntilMs > monotonicMs)
  kept.sort((a, b) => (a.key < b.key ? -1 : 1))
  return kept.map(encodeDigestEntry)
}

/**
 * @param mine the entries the other side should have
 * @param get any entry by key, so that nothing is wanted that is known but of no concern to the other side
 */
export function differenceOf<Area>(
  mine: Iterable<AlertEntry<Area>>,
  get: (key: string) => AlertEntry<Area> | undefined,
  theirs: readonly DigestEntry[],
  monotonicMs: number,
): RegistryDifference {
  const difference: RegistryDifference = { alerts: [], ends: [], wanted: [] }
  const listed = new Set<string>()
  for (const entry of theirs) {
    if (entry.alertId == null) continue
    const key = formatAlertKey(entry.alertId)
    listed.add(key)
    const known = get(key)
    if (known === undefined || isBehind(known, entry)) difference.wanted.push(entry.alertId)
    else if (isAhead(known, entry)) put(difference, known, monotonicMs)
  }
  for (const entry of mine) if (!listed.has(entry.key)) put(difference, entry, monotonicMs)
  return difference
}

export function answerTo<Area>(
  wanted: readonly AlertId[],
  get: (key: string) => AlertEntry<Area> | undefined,
  monotonicMs: number,
): RegistryDifference {
  const difference: RegistryDifference = { alerts: [], ends: [], wanted: [] }
  for (const id of wanted) {
    const known = get(formatAlertKey(id))
    if (known !== undefined) put(difference, known, monotonicMs)
  }
  return difference
}

/** An end is ahead of any revision; two ends are equal, whoever said them. */
function isAhead(known: AlertEntry<unknown>, theirs: DigestEntry): boolean {
  return !theirs.ended && (known.state === 'ended' || known.revision > (theirs.revision ?? 0))
}

function isBehind(known: AlertEntry<unknown>, theirs: DigestEntry): boolean {
  return known.state !== 'ended' && (theirs.ended === true || known.revision < (theirs.revision ?? 0))
}

/** Adds what is to be said about an entry, unless its keep time is over. */
function put<Area>(difference: RegistryDifference, entry: AlertEntry<Area>, monotonicMs: number): void {
  if (entry.keepUntilMs <= monotonicMs) return
  if (entry.state === 'ended') difference.ends.push(encodeLiveEnd(entry, monotonicMs))
  else difference.alerts.push(encodeLiveAlert(entry, monotonicMs))
}
