import type { outrider } from '@outrider/protocol'

/** An alert as the wire writes it. Entries share it: nobody changes one after it was handed over. */
export type Alert = outrider.v1.Alert.$Properties
export type Ending = outrider.v1.Ending.$Properties

/** Who an alert is: never used again, not even after a restart. */
export interface AlertIdentity {
  /** Node that issued it, 1..64 bytes of UTF-8, no slash. */
  readonly node: string
  /** Random number drawn when that node's process started, 0..4294967295. */
  readonly boot: number
  /** Counted from 1 since that start. */
  readonly sequence: number
}

/** Both clocks of one moment. Only the first one counts down what lives; the second is for what is written and shown. */
export interface Now {
  /** The process's monotonic clock in ms, any base. */
  readonly monotonicMs: number
  /** Corrected wall time: ms since 1970-01-01 UTC. */
  readonly wallMs: number
}

interface EntryBase {
  /** `formatAlertKey` of the identity. */
  readonly key: string
  readonly id: AlertIdentity
  /** Newest revision known, from 1; of an ended alert the newest that anyone knew who ended it. */
  readonly revision: number
  /** End of validity on this process's monotonic clock, never beyond `keepUntilMs`. Of an ended alert nobody heard more of: 0. */
  readonly validUntilMs: number
  /** Until when everyone keeps the entry, on this process's monotonic clock; it is forgotten a minute later. */
  readonly keepUntilMs: number
  /** The same as ms since 1970-01-01 UTC, as revision 1 fixed it. */
  readonly keepUntilWallMs: number
  /** True if this process issued the alert, so that it alone writes its revisions. */
  readonly own: boolean
}

/** An alert that has not ended: active while its validity runs, expired after that until a newer revision comes or its keep time is over. */
export interface StandingAlert<Area> extends EntryBase {
  readonly state: 'active' | 'expired'
  readonly alert: Alert
  /** What `compileArea` made of the alert's area. */
  readonly area: Area
}

/** An alert that ended for everyone; nothing changes it any more. */
export interface EndedAlert<Area> extends EntryBase {
  readonly state: 'ended'
  readonly ending: Ending
  /** The last content known; undefined if this process heard of the end alone. */
  readonly alert: Alert | undefined
  readonly area: Area | undefined
}

/** What a registry holds of one alert: a snapshot, replaced and never changed. */
export type AlertEntry<Area> = StandingAlert<Area> | EndedAlert<Area>
