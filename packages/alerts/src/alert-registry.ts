import type { outrider } from '@outrider/protocol'
import type { AlertChange, AlertOutcome } from './alert-change.js'
import type { Alert, AlertEntry, AlertIdentity, Now, StandingAlert } from './alert-entry.js'
import type { CompileArea } from './alert-problem.js'

type EndReason = outrider.v1.EndReason
type IssuerRole = outrider.v1.IssuerRole
type LiveAlert = outrider.v1.LiveAlert.$Properties
type LiveEnd = outrider.v1.LiveEnd.$Properties
type DigestEntry = outrider.v1.DigestEntry.$Properties
type AlertId = outrider.v1.AlertId.$Properties

export interface AlertRegistryOptions<Area> {
  /** Name of this node, 1..64 bytes, no slash. */
  readonly node: string
  /** Random number drawn at process start, 0..4294967295. */
  readonly boot: number
  readonly compileArea: CompileArea<Area>
  /** How long an alert of a cause is kept, from its first revision, in ms, up to 24 h. Default `longestLifeMs`. */
  readonly keepMs?: (cause: number) => number
  /**
   * Entries at most, 1..1,048,576. Default 16,384: at 300 to 1,000 bytes an entry some 16 MB, an alert every 5 s kept for 24 h.
   * When full, what is over makes room: expired entries first, then ended ones, each the soonest to be forgotten; an alert is refused
   * (`full`) only when all entries are active. What made room is reported as forgotten and counted.
   */
  readonly entriesMax?: number
}

/** What an alert says, less what the registry writes itself (id, revision, times, keep time, replaces of a successor, ending, renewal). */
export interface AlertDraft {
  readonly content: Alert
  /** Validity from now on in ms, 1..86400000; cut at the keep time. */
  readonly validityMs: number
  /** True if half the validity is a reason to ask for evidence and go on. */
  readonly renewable: boolean
}

export interface EndOrder {
  readonly reason: EndReason
  readonly endedBy: IssuerRole
  /** The alert that goes on for the same hazard, if reason is merged. */
  readonly mergedInto?: AlertIdentity
}

/** What two sides exchange after a digest; `wanted` are alerts this side lacks or has older. */
export interface RegistryDifference {
  readonly alerts: LiveAlert[]
  readonly ends: LiveEnd[]
  readonly wanted: AlertId[]
}

/** What was ignored or thrown out since the start, for metrics. */
export interface RegistryCounts {
  readonly entries: number
  readonly active: number
  /** Messages about alerts whose keep time was over. */
  readonly late: number
  /** Messages refused because their content was invalid. */
  readonly invalid: number
  /** Alerts refused because every entry was active. */
  readonly full: number
  /** Entries forgotten before their time to make room. */
  readonly evicted: number
}

/**
 * The alerts a process knows, and the rules by which all processes come to know the same.
 *
 * - Synchronous and pure in its arguments: the same calls with the same clocks give the same changes. It keeps no timer: `tick` does.
 * - Receiving is commutative, associative and idempotent: any order, repetition, or loss made good by a digest gives equal registries.
 * - Only the origin (node and boot of the id) revises. Anyone entitled ends; who is entitled is decided at the door, not here.
 * - Nothing is active beyond its validity, nothing valid beyond its keep time, and nothing ended comes back before it is forgotten.
 * - The caller applies the changes in order; a change record is a snapshot and stays true.
 */
export interface AlertRegistry<Area> {
  /** A new alert of this process: revision 1. Refused: invalid, full. */
  issue(draft: AlertDraft, now: Now): AlertOutcome<Area>
  /** A new revision with the draft's content. Refused: unknown, notOrigin, over, conflict, invalid. */
  revise(key: string, draft: AlertDraft, now: Now, expectedRevision?: number): AlertOutcome<Area>
  /** Ends an alert for everyone, an expired one too. Refused: unknown, over (its keep time), conflict. Ignored: ended. */
  end(key: string, order: EndOrder, now: Now, expectedRevision?: number): AlertOutcome<Area>
  /**
   * Ends an alert and issues its content anew under this process's name, with `replaces`: an acting owner does so when the origin is
   * gone (END_REASON_ORIGIN_LOST). Two changes, issued and then ended. Refused: unknown, over, invalid, full.
   * @param validityMs from now on, mostly what is left of it. @param renewalMs of a renewal, if evidence lasts
   */
  takeOver(key: string, validityMs: number, renewalMs: number, now: Now): AlertOutcome<Area>
  /**
   * Of two alerts for one hazard one stays (`chooseSurvivor`); the other ends with `mergedInto`. Refused: unknown, over. Ignored: ended.
   * @param isAlive whether the process that issued an alert can still be heard
   */
  mergeTwins(key: string, otherKey: string, now: Now, isAlive: (id: AlertIdentity) => boolean): AlertOutcome<Area>

  /** An alert from a peer or region, at the moment it came. Refused: invalid, notOrigin (one of ours), full. Ignored: repeated, older, ended, late. */
  receiveAlert(live: LiveAlert, now: Now): AlertOutcome<Area>
  /** An end from a peer or region. An unknown alert's end is kept too. Refused: invalid, full. Ignored: ended, late. */
  receiveEnd(live: LiveEnd, now: Now): AlertOutcome<Area>

  /**
   * Lets time pass: expiries, renewals, forgetting. At most 256 entries a call, the earliest first; the rest the next time.
   * At half its validity an own renewable alert asks `lasts`, and again every sixteenth until it expires; a yes writes a renewal. Where the
   * keep time has no room for another validity, a yes issues a successor with `replaces` and then ends the alert (END_REASON_REPLACED).
   */
  tick(now: Now, lasts: (entry: StandingAlert<Area>) => boolean): readonly AlertChange<Area>[]

  get(key: string): AlertEntry<Area> | undefined
  /** All entries, ended and expired ones too, in no order. Do not call the registry while iterating. */
  entries(): IterableIterator<AlertEntry<Area>>

  /** What this side holds and the other one should, ended and expired too, sorted by key; at most 4096 go in one message. */
  digest(concerns: (entry: AlertEntry<Area>) => boolean, now: Now): DigestEntry[]
  /** What to answer to a whole digest (all its messages put together). `concerns` as for `digest`. */
  difference(theirs: readonly DigestEntry[], concerns: (entry: AlertEntry<Area>) => boolean, now: Now): RegistryDifference
  /** What to answer to `wanted` of a difference; what is unknown or late is left out. */
  answer(wanted: readonly AlertId[], now: Now): RegistryDifference

  counts(): RegistryCounts
}
