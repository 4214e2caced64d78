// Between what the vehicle holds and what the application is told: takes alerts from the store as the policy wants them.
import type { AlertHandle } from './alert-entry.js'
import type { AlertStore } from './alert-store.js'
import type { PresentationPolicy, Situation, Telling } from './presentation-policy.js'
import { compareUrgency } from './urgency.js'

export interface PresenterOptions {
  readonly policy: PresentationPolicy
  readonly alerts: AlertStore
  readonly situation: () => Situation
  readonly told: (telling: Telling<AlertHandle>) => void
}

export interface Presenter {
  /** The next that the driver is to be told of; what waits in the store's queue before it is taken. */
  next(nowMs: number): AlertHandle | undefined
  /** The vehicle is somewhere else. */
  moved(nowMs: number): void
  /** A hazard that was passed, about which the driver may be asked. */
  takeQuestion(): AlertHandle | undefined
  /** When `next` may have something only because time has passed. */
  dueAtMs(nowMs: number): number
}

export function createPresenter({ policy, alerts, situation, told }: PresenterOptions): Presenter {
  /** One at most waits: the next comes ten minutes later. */
  let question: AlertHandle | undefined

  return {
    next(nowMs) {
      // Each turn tells one or moves one out of the queue.
      for (;;) {
        const telling = policy.next(alerts.hazards(), situation(), nowMs)
        const queued = alerts.peek()
        if (telling !== undefined && (queued === undefined || compareUrgency(telling.hazard.entry, queued) < 0)) {
          policy.tell(telling, nowMs)
          told(telling)
          return alerts.tell(telling)
        }
        if (alerts.take() === undefined) return undefined
      }
    },
    moved(nowMs) {
      question = policy.moved(alerts.hazards(), situation(), nowMs) ?? question
    },
    takeQuestion() {
      const asked = question
      question = undefined
      return asked
    },
    dueAtMs: nowMs => policy.dueAtMs(alerts.hazards(), nowMs),
  }
}
