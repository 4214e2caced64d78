import type { AlertEntry, EndedAlert, StandingAlert } from './alert-entry.js'
import type { AlertProblem } from './alert-problem.js'

/**
 * What happened to one alert, for whoever makes deliveries, peer messages and records of it.
 * `made` says where: `here` is to be told to peers and recorded, `elsewhere` came from a link and has been.
 */
export type AlertChange<Area> =
  /** An alert this process did not know, active now. */
  | { readonly kind: 'issued'; readonly made: Made; readonly entry: StandingAlert<Area> }
  /** A newer revision, active now; `before` may have been expired. `entry.alert.renewal` says if it only lengthens the validity. */
  | { readonly kind: 'revised'; readonly made: Made; readonly entry: StandingAlert<Area>; readonly before: StandingAlert<Area> }
  /** It ended for everyone. `before` is undefined if the alert itself was never heard of. */
  | { readonly kind: 'ended'; readonly made: Made; readonly entry: EndedAlert<Area>; readonly before: StandingAlert<Area> | undefined }
  /** Its validity ran out. Nobody tells anybody: every process counts by itself; the origin records it (`made: 'here'`). */
  | { readonly kind: 'expired'; readonly made: Made; readonly entry: StandingAlert<Area> }
  /** Keep time and a minute are over, or the room was needed: the key means nothing here any more. */
  | { readonly kind: 'forgotten'; readonly entry: AlertEntry<Area> }

export type Made = 'here' | 'elsewhere'

/** Why a message or call changed nothing, though nothing was wrong with it. */
export type IgnoredReason =
  /** Known already, or the same content with another remainder. */
  | 'repeated'
  /** A newer revision is known. */
  | 'older'
  /** The alert has ended: that absorbs everything. */
  | 'ended'
  /** Its keep time is over. */
  | 'late'

/** Why something was not done. */
export type RefusedReason =
  /** The content is not valid: `problem` names the field. */
  | 'invalid'
  /** No such alert here. */
  | 'unknown'
  /** Another process issued it, and only that one writes revisions: ask it. */
  | 'notOrigin'
  /** It has ended, or its validity has run out: issue a new one. */
  | 'over'
  /** It has another revision than the caller expected. */
  | 'conflict'
  /** The registry is full of alerts that stand. */
  | 'full'

/** What became of a call: expected outcomes are values. */
export type AlertOutcome<Area> =
  | { readonly outcome: 'changed'; readonly changes: readonly AlertChange<Area>[] }
  | { readonly outcome: 'ignored'; readonly reason: IgnoredReason }
  | { readonly outcome: 'refused'; readonly reason: RefusedReason; readonly problem?: AlertProblem }
