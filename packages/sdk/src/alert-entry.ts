import type { AlertEndReason } from './alert-end.js'
import type { Passing } from './presentation-policy.js'
import { createPassing } from './presentation-policy.js'
import type { PushedAlert } from './pushed-alert.js'

export type Phase = 'queued' | 'taken' | 'quiet' | 'lingering'

/** The application's object for one hazard; `entry` moves on to the successor when alerts are merged or replaced. */
export interface AlertHandle {
  entry: AlertEntry
  isActive: boolean
  /** Highest priority that the application was told; undefined = nothing yet. */
  toldPriority: number | undefined
  isShown: boolean
  /** Whether a sound may come with what was told last. */
  isAudible: boolean
}

/** An alert that is held, or was. */
export interface AlertEntry extends PushedAlert {
  phase: Phase | 'past'
  handle: AlertHandle
  readonly passing: Passing
  /** Whether the application has got it, as itself or as one that went before. */
  wasTaken: boolean
  /** Newest revision acknowledged as shown; 0 = none. */
  shownRevision: number
  /** Newest revision that the application was told; 0 = none. */
  toldRevision: number
  /** While lingering: why it ended, and what goes on for it if that was said. */
  end?: { readonly reason: AlertEndReason; readonly mergedInto: string | undefined }
}

/** A new one, that waits for the application, with an object of its own. */
export function createEntry(pushed: PushedAlert): AlertEntry {
  const handle = { isActive: true, toldPriority: undefined, isShown: false, isAudible: false } as Omit<AlertHandle, 'entry'> as AlertHandle
  handle.entry = { ...pushed, phase: 'queued', handle, passing: createPassing(), wasTaken: false, shownRevision: 0, toldRevision: 0 }
  return handle.entry
}

/** Two alerts of one hazard exchange objects. */
export function exchangeHandles(a: AlertEntry, b: AlertEntry): void {
  const { handle } = a
  a.handle = b.handle
  b.handle = handle
  a.handle.entry = a
  b.handle.entry = b
}
