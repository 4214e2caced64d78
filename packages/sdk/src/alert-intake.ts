// What nodes say about alerts, read and put into the store: pushes, ends, and ends that come as a push.
import type { outrider as wire } from '@outrider/protocol'
import type { AlertEnding } from './alert-end.js'
import { readEnding, readEndPush } from './alert-end.js'
import type { AlertStore } from './alert-store.js'
import type { DeliveryAcks } from './delivery-acks.js'
import type { Clock } from './ports.js'
import { readAlertPush } from './pushed-alert.js'
import type { VehicleEventBody } from './vehicle-events.js'

export interface AlertIntakeOptions {
  readonly alerts: AlertStore
  readonly acks: DeliveryAcks
  readonly clock: Clock
  /** Node's wall clock now, ms since 1970-01-01 UTC. */
  readonly nodeTimeMs: () => number
  readonly event: (event: VehicleEventBody) => void
}

export interface AlertIntake {
  /** @returns whether more or something newer is held because of it */
  pushed(push: wire.v1.AlertPush): boolean
  /** @param node name of the node that says so @param isPrimary whether it is the one that serves */
  ended(push: wire.v1.EndPush, node: string | undefined, isPrimary: boolean): void
}

export function createAlertIntake({ alerts, acks, clock, nodeTimeMs, event }: AlertIntakeOptions): AlertIntake {
  let pushes = 0

  function end(ending: AlertEnding): void {
    alerts.end(ending, clock.monotonicMs())
    event({ event: 'alert_ended', id: ending.key, reason: ending.reason })
  }
  return {
    pushed(push) {
      const nowMs = clock.monotonicMs()
      alerts.expire(nowMs)
      const reading = readAlertPush(push, nowMs, nodeTimeMs(), ++pushes)
      if (reading.kind === 'unreadable') {
        if (reading.subject !== undefined) acks.dropped(reading.subject, 'unreadable', clock.wallMs())
        event({ event: 'alert_unreadable' })
        return false
      }
      const { key, revision, alert } = reading.pushed
      if (alert.ending != null) {
        acks.stage(reading.pushed, 'received', clock.wallMs())
        end(readEnding(key, alert.ending))
        return false
      }
      const outcome = alerts.push(reading.pushed, nowMs)
      event({ event: 'alert_pushed', id: key, revision, outcome, isRenewal: alert.renewal === true })
      return outcome === 'new' || outcome === 'updated' || outcome === 'continued' || outcome === 'quiet'
    },
    ended(push, node, isPrimary) {
      const ending = readEndPush(push)
      if (ending === undefined) event({ event: 'frame_ignored', why: 'end_without_id' })
      // A node that does not know another one's alert says nothing about the hazard: the alert stays for as long as it is valid.
      else if (ending.reason === 'unknown' && push.alertId?.node !== node) event({ event: 'frame_ignored', why: 'unknown_elsewhere' })
      // Whom an alert concerns is for the node to say that gets the reports; the new one takes it that the vehicle holds what its hello said.
      else if (ending.reason === 'withdrawn' && !isPrimary) event({ event: 'frame_ignored', why: 'withdrawn_elsewhere' })
      else end(ending)
    },
  }
}
