import type { CauseName, outrider as wire } from '@outrider/protocol'
import { causes, outrider } from '@outrider/protocol'
import type { AlertEndReason } from './alert-end.js'
import type { AlertHandle } from './alert-entry.js'
import type { Language } from './alert-text.js'
import { spokenAlert, writtenAlert } from './alert-text.js'
import type { Coordinates } from './distance.js'
import { coordinatesOf } from './distance.js'
import { distanceToHazardM } from './hazard-distance.js'
import type { PriorityName } from './urgency.js'
import { priorityName } from './urgency.js'
import type { VerdictName } from './vehicle-sample.js'

const { Advice } = outrider.v1

export type AdviceName = 'none' | 'slow' | 'stop' | 'keep_lane' | 'change_left' | 'change_right' | 'do_not_overtake' | 'give_way' | 'detour'

/**
 * One hazard, as the vehicle knows it now: a later revision changes what the object says, without a word. All of it may be read, and
 * `shown` called, at any time, after the end and after `close` too.
 */
export interface Alert {
  /** Identity of the alert, `node/boot/sequence`; changes if another alert goes on for the same hazard. */
  readonly id: string
  /** Counted from 1. */
  readonly revision: number
  /** False once it has expired, ended or no longer concerns this vehicle. */
  readonly isActive: boolean
  /** `exercise` only if `connect` was told to take part. */
  readonly status: 'actual' | 'exercise'
  /** ETSI cause by name; undefined for a code this SDK does not know. */
  readonly cause: CauseName | undefined
  readonly causeCode: number
  /** 0 = unavailable. */
  readonly subCause: number
  /** For this vehicle. */
  readonly priority: PriorityName
  readonly advice: AdviceName
  /** In m/s; undefined = none. */
  readonly advisedSpeedMps: number | undefined
  /** Where it is; undefined if the node did not say. */
  readonly position: Coordinates | undefined
  /** From the position last reported, in m; 0 inside the hazard's area; undefined if either place is unknown. */
  readonly distanceM: number | undefined
  /** Until it expires, in ms; 0 when it has. */
  readonly remainingMs: number
  /** Until the vehicle gets there as the node reckoned when it last said so, in ms; undefined = unknown. */
  readonly timeToHazardMs: number | undefined
  /** Whether a sound may come with it, as of when it was last handed over: one in ten seconds, and whatever is imminent. */
  readonly isAudible: boolean
  /** Whether the vehicle has come by the hazard and left it behind. */
  readonly isPassed: boolean
  /** When this revision arrived: monotonic clock of the SDK, in ms. */
  readonly receivedAtMs: number
  /** The alert as it came, in wire units. Not to be changed. */
  readonly message: wire.v1.Alert.$Properties
  /**
   * What to write on a display. An operator's text in that language comes first; else cause, rounded distance and advice from tables.
   * @param language `en`, `de`, `fi`, `fr`, or any tag that begins so; others have operators' texts only, else English
   */
  text(language?: Language | (string & {})): string
  /** The same to be read aloud: units as words, an attention word if it is imminent. */
  spoken(language?: Language | (string & {})): string
  /** To be called when the driver has seen or heard it. Again only counts for a newer revision. */
  shown(): void
  /** What the driver says about it: sent as an urgent report. @throws SdkError `queue_full`, `closed` */
  answer(verdict: VerdictName): void
}

/** That an alert the application had taken is over: to be removed from the display, without a word unless `isToBeTold`. */
export interface EndedAlertNotice {
  readonly alert: Alert
  readonly reason: AlertEndReason
  /** The alert that goes on for the same hazard, if any. */
  readonly mergedInto: string | undefined
  /** Whether the driver is to hear of it: the alert was shown, and its hazard not yet passed. */
  readonly isToBeTold: boolean
}

const causeNames: ReadonlyMap<number, CauseName> = new Map(
  (Object.keys(causes) as CauseName[]).map(name => [causes[name].code, name] as const),
)

export interface AlertContext {
  readonly monotonicMs: () => number
  readonly position: () => Coordinates | undefined
  readonly shown: (handle: AlertHandle) => void
  readonly answer: (alert: Alert, verdict: VerdictName) => void
}

export function createAlert(handle: AlertHandle, context: AlertContext): Alert {
  const alert = (): wire.v1.Alert.$Properties => handle.entry.alert
  const toText = () => ({
    causeCode: facade.causeCode,
    subCause: facade.subCause,
    distanceM: facade.distanceM,
    advice: facade.advice,
    advisedSpeedMps: facade.advisedSpeedMps,
    isImminent: facade.priority === 'imminent',
    isExercise: facade.status === 'exercise',
    operatorTexts: alert().texts ?? [],
  })
  const facade: Alert = {
    get id() {
      return handle.entry.key
    },
    get revision() {
      return handle.entry.revision
    },
    get isActive() {
      return handle.isActive && facade.remainingMs > 0
    },
    get status() {
      return handle.entry.status === 'exercise' ? 'exercise' : 'actual'
    },
    get cause() {
      return causeNames.get(facade.causeCode)
    },
    get causeCode() {
      return alert().cause?.code ?? 0
    },
    get subCause() {
      return alert().cause?.subCause ?? 0
    },
    get priority() {
      return priorityName(handle.entry.priority)
    },
    get advice() {
      return adviceName(alert().advice)
    },
    get advisedSpeedMps() {
      const cmps = alert().advisedSpeedCmps
      return cmps == null ? undefined : cmps / 100
    },
    get position() {
      return coordinatesOf(alert().eventPosition)
    },
    get distanceM() {
      const own = context.position()
      return own === undefined ? undefined : distanceToHazardM(alert(), own)
    },
    get remainingMs() {
      return Math.max(0, handle.entry.validUntilMs - context.monotonicMs())
    },
    get timeToHazardMs() {
      const { hazardAtMs } = handle.entry
      return hazardAtMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, hazardAtMs - context.monotonicMs())
    },
    get isAudible() {
      return handle.isAudible
    },
    get isPassed() {
      return handle.entry.passing.isPassed
    },
    get receivedAtMs() {
      return handle.entry.receivedAtMs
    },
    get message() {
      return alert()
    },
    text: language => writtenAlert(toText(), language ?? 'en'),
    spoken: language => spokenAlert(toText(), language ?? 'en'),
    shown: () => context.shown(handle),
    answer: verdict => context.answer(facade, verdict),
  }
  return facade
}

function adviceName(advice: number | null | undefined): AdviceName {
  const name = Advice[advice ?? 0] ?? 'ADVICE_NONE'
  return name === 'ADVICE_UNSPECIFIED' ? 'none' : (name.slice('ADVICE_'.length).toLowerCase() as AdviceName)
}
