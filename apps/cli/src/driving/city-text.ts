import { counted, grouped, milliseconds, tabled } from './numbers.js'

interface Latency {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What the simulator prints about how long warnings took. */
interface ReportToAlert {
  readonly reportToAlertMs: Latency | null
  readonly alertsAttributed: number
  readonly alertsUnattributed: number
  readonly recipientsAtIssue: number
  readonly recipientsLater: number
}

export interface CityStatus extends ReportToAlert {
  readonly cityS: number
  readonly vehicles: number
  readonly connected: number
  readonly samplesPerSecond: number
  readonly reportsAccepted: number
  readonly hazards: number
  readonly alertsShown: number
  readonly alertsHeld: number
  readonly deliveriesAcknowledged: number
  readonly moves: number
  readonly behindMsMax: number
}

export interface CityResult extends ReportToAlert {
  readonly cityS: number
  readonly samples: number
  readonly reportsSent: number
  readonly reportsAccepted: number
  readonly reportsRefused: Readonly<Record<string, number>>
  readonly reportsUnacknowledged: number
  readonly reportsExpired: number
  readonly reportsOpen: number
  readonly alertsReceived: number
  readonly alertsShown: number
  readonly deliveriesAcknowledged: number
  readonly hazards: number
  readonly moves: number
  readonly failures: Readonly<Record<string, number>>
}

/** The first line says what counts, within 80 columns: where there is no terminal it is the only one. */
export function cityStatusLines(status: CityStatus): string[] {
  const { cityS, vehicles, connected, samplesPerSecond, reportsAccepted, hazards, alertsShown, alertsHeld, moves, reportToAlertMs } = status
  const inTime = reportToAlertMs === null ? '' : ` · p50 ${milliseconds(reportToAlertMs.p50)}, p99 ${milliseconds(reportToAlertMs.p99)}`
  return [
    `${clock(cityS)}  ${connected}/${vehicles} vehicles · ${grouped(samplesPerSecond)} samples/s · ${counted(alertsShown, 'alert')} shown${inTime}`,
    `      ${grouped(reportsAccepted)} reports accepted · ${counted(moves, 'change')} of node`,
    `      ${counted(hazards, 'hazard')} now · ${grouped(alertsHeld)} alerts before drivers · ${grouped(status.deliveriesAcknowledged)} deliveries acknowledged`,
    ...(status.behindMsMax > 500 ? [`      this machine is too slow: the city was ${milliseconds(status.behindMsMax)} behind`] : []),
  ]
}

export function cityResultLines(result: CityResult): string[] {
  const { reportsSent, reportsAccepted, reportsUnacknowledged, reportsExpired, reportsOpen, reportsRefused, failures } = result
  const others = tabled(
    Object.fromEntries(
      Object.entries({
        ...Object.fromEntries(Object.entries(reportsRefused).map(([reason, count]) => [`refused (${reason})`, count])),
        unacknowledged: reportsUnacknowledged,
        expired: reportsExpired,
        'without an answer': reportsOpen,
      }).filter(([, count]) => count > 0),
    ),
  )
  return [
    `drove      ${clock(result.cityS)} with ${counted(result.hazards, 'hazard')}, ${counted(result.moves, 'change')} of node`,
    `reports    ${grouped(reportsSent)} sent, ${grouped(reportsAccepted)} accepted${others === '' ? '' : `, ${others}`}`,
    `alerts     ${grouped(result.alertsReceived)} received, ${grouped(result.alertsShown)} shown, ${grouped(result.deliveriesAcknowledged)} deliveries acknowledged`,
    `in time    ${latency(result)}: ${counted(result.recipientsAtIssue, 'recipient')} of ${counted(result.alertsAttributed, 'alert')}; ${grouped(result.recipientsLater)} came later, ${counted(result.alertsUnattributed, 'alert')} without a known cause`,
    ...(Object.keys(failures).length > 0 ? [`failures   ${tabled(failures)}`] : []),
  ]
}

function latency({ reportToAlertMs }: ReportToAlert): string {
  if (reportToAlertMs === null) return 'no alert measured'
  const { p50, p99, max } = reportToAlertMs
  return `report to alert p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}, max ${milliseconds(max)}`
}

/** Minutes and seconds. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
