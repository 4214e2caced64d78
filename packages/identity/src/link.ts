import { createHmac } from 'node:crypto'

// Who is whom, without anyone being known. The issuer hashes the enrolment together with the UTC day under a key that never leaves it:
// once as the link, once under another label as the pseudonym. On one day one vehicle has one link, so nodes can count vehicles;
// without the key nothing leads from one day to the next or back to the enrolment.
//
// A token whose life reaches over midnight carries the link of both days. Two tokens that are valid at one moment then share a day, and
// whether they belong to one vehicle can be decided. See docs/identity.md for what that lets a node see.

const dayMs = 86_400_000

/** A vehicle's link on one UTC day. */
export interface DayLink {
  /** Whole UTC days since 1970-01-01. */
  readonly day: number
  /** base64url of 32 bytes, 43 characters. */
  readonly link: string
}

/** The UTC day, in whole days since 1970-01-01, that holds a time in ms since 1970. */
export function utcDay(atMs: number): number {
  return Math.floor(atMs / dayMs)
}

/** The first millisecond of a UTC day, in ms since 1970. */
export function utcDayStartMs(day: number): number {
  return day * dayMs
}

/** base64url HMAC-SHA-256 of (enrolment, UTC day), 43 characters. */
export function linkOf(linkKey: Uint8Array, enrolment: string, day: number): string {
  return dailyHash(linkKey, 'link', enrolment, day).toString('base64url')
}

/** The vehicle's name on a UTC day: 16 bytes of a keyed hash in base64url, 22 characters. Without the key it does not follow from the link. */
export function pseudonymOf(linkKey: Uint8Array, enrolment: string, day: number): string {
  return dailyHash(linkKey, 'pseudonym', enrolment, day).subarray(0, 16).toString('base64url')
}

/** The enrolment stands last, so that no two inputs give the same bytes. */
function dailyHash(linkKey: Uint8Array, label: 'link' | 'pseudonym', enrolment: string, day: number): Buffer {
  return createHmac('sha256', linkKey).update(`${label}\n${day}\n${enrolment}`).digest()
}

/**
 * True only if the two are certainly different vehicles: they share a day, and their links on it differ.
 * False for one vehicle, and, cautiously, for tokens without a day in common (which are never valid at the same moment).
 */
export function areIndependent(a: { readonly links: readonly DayLink[] }, b: { readonly links: readonly DayLink[] }): boolean {
  let haveCommonDay = false
  for (const mine of a.links) {
    for (const theirs of b.links) {
      if (mine.day !== theirs.day) continue
      if (mine.link === theirs.link) return false
      haveCommonDay = true
    }
  }
  return haveCommonDay
}
