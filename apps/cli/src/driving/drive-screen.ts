import type { Alert, Language, UrgentOutcome, Vehicle, VehicleEvent, VehicleStats } from '@outrider/sdk'
import type { Car } from './car.js'
import { createLiveBlock } from './live-block.js'
import { counted, grouped } from './numbers.js'

/** What a driver gets to see, as text or as JSON lines. */
export interface DriveScreen {
  event(event: VehicleEvent): void
  alert(alert: Alert): void
  over(alert: Alert, reason: string): void
  reported(number: number, outcome: UrgentOutcome): void
  drives(state: { readonly car: Car; readonly vehicle: Vehicle; readonly lights: boolean }): void
  ends(stats: VehicleStats): void
}

export interface DriveScreenOptions {
  readonly language: Language
  readonly isJson: boolean
}

export function createDriveScreen(stream: NodeJS.WriteStream, { language, isJson }: DriveScreenOptions): DriveScreen {
  return isJson ? asJson(stream, language) : asText(stream, language)
}

function asJson(stream: NodeJS.WriteStream, language: Language): DriveScreen {
  const print = (line: object) => void stream.write(`${JSON.stringify(line)}\n`)
  return {
    event(event) {
      if (event.event === 'link_welcomed') print({ connected: { url: event.url, zone: event.zone, node: event.node } })
      else if (event.event === 'link_ended') print({ disconnected: { code: event.code, reason: event.reason } })
    },
    alert(alert) {
      const { id, revision, causeCode: cause, subCause, priority, advice, position, distanceM, timeToHazardMs, remainingMs } = alert
      print({
        alert: {
          id,
          revision,
          cause,
          subCause,
          priority,
          advice,
          position,
          distanceM,
          timeToHazardMs,
          remainingMs,
          text: alert.text(language),
        },
      })
    },
    over: ({ id, revision, distanceM }, reason) => print({ over: { id, revision, reason, distanceM } }),
    reported: (number, outcome) => print({ report: { number, ...outcome } }),
    drives: () => undefined,
    ends: stats => print({ result: stats }),
  }
}

function asText(stream: NodeJS.WriteStream, language: Language): DriveScreen {
  const block = createLiveBlock(stream, () => performance.now())
  const say = (text: string) => block.say(`${new Date().toTimeString().slice(0, 8)}  ${text}`)
  return {
    event(event) {
      if (event.event === 'link_welcomed') say(`connected to ${event.node} of zone ${event.zone} (${event.url})`)
      else if (event.event === 'link_ended') say(`connection lost (${event.code} ${event.reason}); trying again`)
    },
    alert: alert => say(`ALERT  ${alert.text(language)}  [${howFar(alert)}]`),
    over: (alert, reason) => say(`OVER   ${alert.text(language)}  [${reason}]`),
    reported(number, outcome) {
      const why = outcome.kind === 'refused' ? ` (${outcome.reason})` : ''
      say(`report ${number} ${outcome.kind}${why}`)
    },
    drives({ car, vehicle, lights }) {
      const { latitude, longitude, headingDeg } = car.place
      const link = vehicle.isConnected ? `a report every ${vehicle.intervalMs / 1_000} s` : 'not connected'
      const alerts = vehicle.active()
      block.show([
        `${latitude.toFixed(6)},${longitude.toFixed(6)}  ${grouped(car.speedMps * 3.6)} km/h  course ${grouped(headingDeg)}°${lights ? '  HAZARD LIGHTS' : ''}  ${link}`,
        ...alerts.map(alert => `  ${alert.text(language)}  [${howFar(alert)}]`),
      ])
    },
    ends({ accepted, taken, shown, refused }) {
      block.clear()
      const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0)
      say(
        `${counted(accepted, 'report')} accepted, ${grouped(refusals)} refused; ${counted(taken, 'alert')} received, ${grouped(shown)} shown`,
      )
    },
  }
}

/** Cause and identity for people who look things up; distance and time as far as they are known. */
function howFar({ causeCode, subCause, priority, distanceM, timeToHazardMs, remainingMs }: Alert): string {
  const parts = [
    `${causeCode}/${subCause}`,
    priority,
    ...(distanceM === undefined ? [] : [`${grouped(distanceM)} m`]),
    ...(timeToHazardMs === undefined ? [] : [`${grouped(timeToHazardMs / 1_000)} s away`]),
    `valid ${grouped(remainingMs / 1_000)} s`,
  ]
  return parts.join(', ')
}
