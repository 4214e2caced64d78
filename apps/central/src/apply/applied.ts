import type { DeadReason, Effect, Identity } from './read-record.js'

/** A record that is applied now. */
export interface FreshRecord {
  readonly identity: Identity
  readonly recordedAtMs: number
  readonly effect: Effect
  /** Its bytes in the event log. */
  readonly value: Uint8Array
}

/** What became of a batch. */
export interface Applied {
  /** Records that took effect, by their kind; dead letters read from their topic are not among them. */
  readonly applied: Readonly<Partial<Record<Effect['kind'], number>>>
  /** Records that came again: by their own sequence, by the report they carry, or by their offset. */
  readonly repeats: { readonly record: number; readonly report: number; readonly offset: number }
  /** Dead letters written now, by reason. */
  readonly dead: Readonly<Partial<Record<DeadReason, number>>>
}

export function sumOf(a: Applied, b: Applied): Applied {
  const add = <Counts extends Readonly<Partial<Record<string, number>>>>(one: Counts, other: Counts): Counts => {
    const sum: Record<string, number> = { ...(one as Record<string, number>) }
    for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + (count ?? 0)
    return sum as Counts
  }
  return { applied: add(a.applied, b.applied), repeats: add(a.repeats, b.repeats), dead: add(a.dead, b.dead) }
}

export const noneApplied: Applied = { applied: {}, repeats: { record: 0, report: 0, offset: 0 }, dead: {} }
