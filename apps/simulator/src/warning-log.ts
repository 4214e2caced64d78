import type { Alert } from '@outrider/sdk'

/** That a vehicle was shown an alert. Times are the recording's, s. */
interface Warning {
  readonly atS: number
  readonly vehicle: string
  readonly alert: string
  readonly revision: number
  readonly cause: number
  readonly subCause: number
  /** ETSI name; undefined for a code that is not known here. */
  readonly causeName: string | undefined
  readonly priority: string
  /** From the position the vehicle last reported to the hazard, 0 in its area; undefined = unknown. */
  readonly distanceM: number | undefined
  /** As the node reckoned it; undefined = unknown. */
  readonly timeToHazardS: number | undefined
  readonly text: string
}

interface AlertSummary {
  readonly alert: string
  readonly cause: number
  readonly subCause: number
  readonly causeName: string | undefined
  readonly lat: number | undefined
  readonly lon: number | undefined
  /** When the first vehicle was warned, and when it was last over for one. */
  readonly firstAtS: number
  readonly lastEndAtS: number | undefined
  readonly vehiclesWarned: number
}

export interface WarningLog {
  warned(vehicle: string, alert: Alert, atS: number): Warning
  ended(alert: Alert, atS: number): void
  /** In the order they were first shown. */
  alerts(): readonly AlertSummary[]
  readonly warnings: number
}

/** Alerts listed at the end: more in one recording are noise, and counted in `warnings` alone. */
const alertsMax = 10_000

export function createWarningLog(): WarningLog {
  const alerts = new Map<string, { -readonly [Key in keyof AlertSummary]: AlertSummary[Key] }>()
  let warnings = 0
  return {
    warned(vehicle, alert, atS) {
      warnings++
      const { id, revision, causeCode: cause, subCause, cause: causeName, position } = alert
      const known = alerts.get(id)
      if (known !== undefined) known.vehiclesWarned++
      else if (alerts.size < alertsMax) {
        const [lat, lon] = [position?.latitude, position?.longitude]
        alerts.set(id, { alert: id, cause, subCause, causeName, lat, lon, firstAtS: atS, lastEndAtS: undefined, vehiclesWarned: 1 })
      }
      return {
        atS,
        vehicle,
        alert: id,
        revision,
        cause,
        subCause,
        causeName,
        priority: alert.priority,
        distanceM: rounded(alert.distanceM),
        timeToHazardS: rounded(alert.timeToHazardMs === undefined ? undefined : alert.timeToHazardMs / 1_000),
        text: alert.text('en'),
      }
    },
    ended(alert, atS) {
      const known = alerts.get(alert.id)
      if (known !== undefined) known.lastEndAtS = atS
    },
    alerts: () => [...alerts.values()],
    get warnings() {
      return warnings
    },
  }
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10
}
