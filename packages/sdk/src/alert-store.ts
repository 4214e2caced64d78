// What the vehicle knows of alerts, and what of it the application gets to see.
//
// An alert that arrives is queued until the application takes it, most urgent first, and is held until it expires or ends. A later
// revision takes its place without a word: the application's object shows the newest one. An alert that replaces a held one, or that
// a held one was merged into, continues the same object. So nothing is ever handed over twice; what was handed over stays remembered
// after its end, because a repeat, a resume or another node may bring it once more.
//
// Of what is taken, the presentation policy says what the driver is told and when; an end is told of what was.
//
//   push ──▶ queued ──take──▶ taken ──end, withdrawn, expired──▶ past (end told)
//              │                │ └─one of the same hazard is held──▶ taken, as that one
//              │                │ └─merged, replaced──▶ lingering ──successor──▶ taken, as the successor
//              └─full, late──▶ past (never told)            └──expired──▶ past (end told)
//   test, exercise of others ──▶ quiet ──▶ past (never told)
import type { AlertEnding, AlertEndReason } from './alert-end.js'
import { isHandingOver } from './alert-end.js'
import type { AlertEntry, AlertHandle, Phase } from './alert-entry.js'
import { createEntry, exchangeHandles } from './alert-entry.js'
import type { DeliveryAcks } from './delivery-acks.js'
import type { Telling } from './presentation-policy.js'
import type { PushedAlert } from './pushed-alert.js'
import { compareUrgency } from './urgency.js'

/** Alerts held at most: what a hello can say (frame.proto, Hello.held). Above, the least urgent is given up. */
export const heldMax = 256
/** Alerts remembered after their end: 24 h with 40 an hour. Above, the oldest is forgotten, and would be shown again. */
const pastMax = 1_024
/** Ends that wait to be taken. Above, the oldest is given up; `active` of its alert is false all the same. */
const endsMax = heldMax

export interface EndedAlert {
  readonly handle: AlertHandle
  readonly reason: AlertEndReason
  /** Key of the alert that goes on for the same hazard. */
  readonly mergedInto: string | undefined
  /** Whether it concerns the driver: it was shown and not passed. */
  readonly isToBeTold: boolean
}

/** An alert that is not held, or not any more. */
interface PastAlert {
  /** Ended for everyone: whatever comes later is ignored. */
  isEnded: boolean
  /** How it was, if the vehicle had it. */
  readonly entry: AlertEntry | undefined
}

/** What a push came to. */
export type PushOutcome = 'new' | 'updated' | 'repeated' | 'continued' | 'quiet' | 'too_late' | 'ended' | 'dropped'

export interface AlertStoreOptions {
  readonly acks: DeliveryAcks
  readonly wallMs: () => number
  /** Alerts that wait for the application at most, 1..256. */
  readonly queueMax: number
  /** Whether exercises are handed over. */
  readonly takesPartInExercises: boolean
  /** Of what is held and was not told, one that is the same hazard as one that was told and ends. */
  readonly standIn: (ending: AlertHandle, held: readonly AlertHandle[]) => AlertHandle | undefined
  /** An alert was given up, or came too late. */
  readonly dropped: (entry: AlertEntry, reason: 'queue_full' | 'too_late') => void
}

export interface AlertStore {
  push(pushed: PushedAlert, nowMs: number): PushOutcome
  end(end: AlertEnding, nowMs: number): void
  /** Ends what has run out. */
  expire(nowMs: number): void
  readonly expiresAtMs: number
  /** The most urgent alert that waits. */
  peek(): AlertEntry | undefined
  /** Takes that one: its revision counts as taken from now on. */
  take(): AlertHandle | undefined
  /** What was taken and is active, or waits for its successor: what the presentation policy chooses from. */
  hazards(): readonly AlertHandle[]
  /** The application is told of it. */
  tell(telling: Telling<AlertHandle>): AlertHandle
  takeEnd(): EndedAlert | undefined
  /** The application showed the revision its object has now; false if it had said so before. */
  shown(handle: AlertHandle): boolean
  /** Alerts the vehicle holds, for the hello. */
  held(): readonly AlertEntry[]
  readonly queued: number
}

export function createAlertStore(options: AlertStoreOptions): AlertStore {
  const { acks, wallMs } = options
  const live = new Map<string, AlertEntry>()
  const past = new Map<string, PastAlert>()
  const ends: EndedAlert[] = []

  /** Moves an entry out of what is held. */
  function bury(entry: AlertEntry, isEnded: boolean): void {
    live.delete(entry.key)
    entry.phase = 'past'
    remember(entry.key, { isEnded, entry })
  }

  function remember(key: string, alert: PastAlert): void {
    past.delete(key)
    past.set(key, alert)
    if (past.size > pastMax) past.delete(past.keys().next().value!)
  }

  /** Buries an entry and tells its end to who has taken it. */
  function finish(entry: AlertEntry, isEnded: boolean, reason: AlertEndReason, mergedInto?: string): void {
    const { handle } = entry
    const standIn = handle.toldPriority === undefined ? undefined : options.standIn(handle, hazards())
    if (standIn !== undefined) {
      // The hazard is still there, as another alert says that was held back for this one: the driver is not told that it is over.
      goOnAs(entry, standIn.entry, isEnded)
      return
    }
    bury(entry, isEnded)
    handle.isActive = false
    if (handle.toldPriority === undefined) return
    ends.push({ handle, reason, mergedInto, isToBeTold: handle.isShown && !entry.passing.isPassed })
    if (ends.length > endsMax) ends.shift()
  }

  /** The application's object of `from` continues as `to`; nothing is handed over again. */
  function continueAs(from: AlertEntry, to: AlertEntry): void {
    const isNew = !to.wasTaken
    to.wasTaken ||= from.wasTaken
    to.phase = to.wasTaken ? 'taken' : 'queued'
    goOnAs(from, to, true)
    if (to.wasTaken && isNew) acks.stage(to, 'taken', wallMs())
  }

  /** The object moves from one alert to another; the one it leaves is no longer held. */
  function goOnAs(from: AlertEntry, to: AlertEntry, isEnded: boolean): void {
    live.delete(from.key)
    from.phase = 'past'
    remember(from.key, { isEnded, entry: from })
    to.handle = from.handle
    to.handle.entry = to
  }

  function hazards(): AlertHandle[] {
    const lingering = inPhase('lingering').filter(({ handle }) => handle.toldPriority !== undefined)
    return [...inPhase('taken'), ...lingering].map(({ handle }) => handle)
  }

  /** Held alerts that the new one goes on for. */
  function predecessors(pushed: PushedAlert): AlertEntry[] {
    const named = pushed.replaces.map(key => live.get(key)).filter(entry => entry !== undefined && entry.phase !== 'quiet') as AlertEntry[]
    const merged = [...live.values()].filter(entry => entry.end?.mergedInto === pushed.key)
    // One that was taken first: its object is the one to go on.
    return [...new Set([...named, ...merged])].sort((a, b) => Number(b.wasTaken) - Number(a.wasTaken))
  }

  function pushNew(pushed: PushedAlert): PushOutcome {
    const [from, ...others] = predecessors(pushed)
    const entry = createEntry(pushed)
    const before = past.get(entry.key)
    past.delete(entry.key)
    // What was told and shown of it stays so, whatever became of its object.
    entry.toldRevision = before?.entry?.toldRevision ?? 0
    entry.shownRevision = before?.entry?.shownRevision ?? 0
    live.set(entry.key, entry)
    if (from !== undefined) {
      continueAs(from, entry)
      for (const other of others) finish(other, true, 'replaced', entry.key)
      return 'continued'
    }
    // The application's object continues, unless it goes on as another alert of the same hazard.
    if (before?.entry?.wasTaken && !before.entry.handle.isActive) {
      const { handle } = before.entry
      Object.assign(entry, { handle, phase: 'taken', wasTaken: true })
      Object.assign(handle, { entry, isActive: true })
      acks.stage(entry, 'taken', wallMs())
      return makeRoom(entry) === 'dropped' ? 'dropped' : 'continued'
    }
    if (pushed.status === 'test' || (pushed.status === 'exercise' && !options.takesPartInExercises)) {
      entry.phase = 'quiet'
      acks.stage(entry, 'taken', wallMs())
    }
    return makeRoom(entry)
  }

  /** Gives up the least urgent alerts until both bounds hold; tells whether that hit the new one. */
  function makeRoom(added: AlertEntry): PushOutcome {
    const queued = inPhase('queued')
    if (queued.length > options.queueMax) giveUp(queued.sort(compareUrgency).at(-1)!)
    if (live.size > heldMax) giveUp([...live.values()].sort(compareUrgency).at(-1)!)
    if (added.phase === 'past') return 'dropped'
    return added.phase === 'quiet' ? 'quiet' : 'new'
  }

  function giveUp(entry: AlertEntry): void {
    if (entry.phase === 'queued') {
      acks.dropped(entry, 'queue_full', wallMs())
      options.dropped(entry, 'queue_full')
    }
    finish(entry, false, 'full')
  }

  function update(entry: AlertEntry, pushed: PushedAlert): PushOutcome {
    // Arrival stays: an alert does not lose its place among equals because more was learned about it.
    const { order } = entry
    Object.assign(entry, pushed, { order })
    if (entry.phase !== 'queued') acks.stage(entry, 'taken', wallMs())
    return 'updated'
  }

  /** A revision that is here already: acknowledged again, since the acknowledgement may be what got lost. */
  function repeat(entry: AlertEntry, pushed: PushedAlert): PushOutcome {
    if (entry.phase !== 'queued') acks.stage(pushed, 'taken', wallMs())
    if (pushed.revision === entry.revision) {
      entry.priority = Math.max(entry.priority, pushed.priority)
      entry.hazardAtMs = pushed.hazardAtMs
    }
    return 'repeated'
  }

  function peek(): AlertEntry | undefined {
    return inPhase('queued').sort(compareUrgency)[0]
  }

  function inPhase(phase: Phase): AlertEntry[] {
    return [...live.values()].filter(entry => entry.phase === phase)
  }

  return {
    push(pushed, nowMs) {
      acks.stage(pushed, 'received', wallMs())
      const entry = live.get(pushed.key)
      if (entry?.phase === 'lingering' || past.get(pushed.key)?.isEnded) {
        acks.dropped(pushed, 'too_late', wallMs())
        return 'ended'
      }
      if (entry !== undefined && pushed.revision <= entry.revision) return repeat(entry, pushed)
      if (pushed.validUntilMs <= nowMs) {
        acks.dropped(pushed, 'too_late', wallMs())
        return 'too_late'
      }
      return entry === undefined ? pushNew(pushed) : update(entry, pushed)
    },
    end(end, nowMs) {
      const entry = live.get(end.key)
      const { reason } = end
      if (entry === undefined) {
        // An end may overtake its alert when two nodes are heard, and it absorbs whatever comes.
        if (end.isForAll) remember(end.key, { isEnded: true, entry: past.get(end.key)?.entry })
        return
      }
      const successor = end.mergedInto === undefined ? undefined : live.get(end.mergedInto)
      const handsOver = end.isForAll && isHandingOver(reason)
      if (handsOver && entry.phase === 'lingering') return
      const goesOn = handsOver && entry.phase === 'taken' && entry.validUntilMs > nowMs
      const isNews = successor !== undefined && successor.handle.toldPriority === undefined && successor.phase !== 'quiet'
      if (goesOn && isNews && successor.phase !== 'lingering') continueAs(entry, successor)
      else if (goesOn && successor === undefined) {
        entry.phase = 'lingering'
        entry.end = { reason, mergedInto: end.mergedInto }
      } else finish(entry, end.isForAll, reason, end.mergedInto)
    },
    expire(nowMs) {
      for (const entry of [...live.values()]) {
        if (entry.validUntilMs > nowMs) continue
        if (entry.phase === 'queued') {
          acks.dropped(entry, 'too_late', wallMs())
          options.dropped(entry, 'too_late')
        }
        finish(entry, entry.end !== undefined, entry.end?.reason ?? 'expired', entry.end?.mergedInto)
      }
    },
    get expiresAtMs() {
      let at = Number.POSITIVE_INFINITY
      for (const entry of live.values()) at = Math.min(at, entry.validUntilMs)
      return at
    },
    peek,
    take() {
      const entry = peek()
      if (entry === undefined) return undefined
      entry.phase = 'taken'
      entry.wasTaken = true
      acks.stage(entry, 'taken', wallMs())
      return entry.handle
    },
    hazards,
    tell({ hazard, insteadOf, toldPriority, isAudible }) {
      hazard.entry.toldRevision = hazard.entry.revision
      const handle = insteadOf ?? hazard
      if (insteadOf !== undefined) exchangeHandles(insteadOf.entry, hazard.entry)
      return Object.assign(handle, { toldPriority, isAudible })
    },
    takeEnd: () => ends.shift(),
    shown(handle) {
      const { entry } = handle
      handle.isShown = true
      if (entry.shownRevision >= entry.revision) return false
      entry.shownRevision = entry.revision
      acks.stage(entry, 'shown', wallMs())
      return true
    },
    held: () => [...live.values()].filter(entry => entry.phase !== 'lingering'),
    get queued() {
      return inPhase('queued').length
    },
  }
}
