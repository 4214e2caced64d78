import { counted, grouped, tabled } from './numbers.js'

/** As the replay app prints them (apps/simulator, warning-log.ts). */
export interface Warning {
  readonly atS: number
  readonly vehicle: string
  readonly alert: string
  readonly cause: number
  readonly subCause: number
  readonly causeName?: string
  readonly priority: string
  readonly distanceM?: number
  readonly timeToHazardS?: number
}

interface AlertSummary {
  readonly alert: string
  readonly cause: number
  readonly subCause: number
  readonly causeName?: string
  readonly lat?: number
  readonly lon?: number
  readonly firstAtS: number
  readonly lastEndAtS?: number
  readonly vehiclesWarned: number
}

export interface TraceCounts {
  readonly format?: string
  readonly rows: number
  readonly samples: number
  readonly rejectedRows: number
  readonly rejectedValues: number
  readonly reasons: Readonly<Record<string, { readonly count: number; readonly firstLine: number; readonly firstExample: string }>>
}

export interface ReplayStatus {
  readonly atS: number
  readonly vehicles: number
  readonly connected: number
  readonly samplesPerSecond: number
  readonly reportsAccepted: number
  readonly alerts: number
  readonly warnings: number
  readonly rejectedRows: number
  readonly rejectedValues: number
  readonly lateMsMax: number
}

export interface ReplayResult {
  readonly untilS: number
  readonly vehicles: number
  readonly warnings: number
  readonly alerts: readonly AlertSummary[]
  readonly trace: TraceCounts & { readonly outsideWindow: number; readonly unequipped: number }
  readonly lateMsMax: number
  readonly reportsSent: number
  readonly reportsAccepted: number
  readonly reportsRefused: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
}

export function warningLine(warning: Warning): string {
  const { atS, vehicle, cause, subCause, causeName, distanceM, timeToHazardS, priority } = warning
  const where = distanceM === undefined ? 'distance unknown' : distanceM === 0 ? 'at it' : `${grouped(distanceM)} m away`
  const when = timeToHazardS === undefined ? '' : `, ${grouped(timeToHazardS)} s`
  return `${seconds(atS)}  ${vehicle.padEnd(20)} ${`${cause}/${subCause} ${causeName ?? ''}`.padEnd(24)} ${where}${when}${priority === 'imminent' ? ', imminent' : ''}`
}

export const warningHeader = `${'time'.padStart(10)}  ${'vehicle warned'.padEnd(20)} ${'of'.padEnd(24)} hazard`

export function replayStatusLine(status: ReplayStatus): string {
  const { atS, connected, vehicles, samplesPerSecond, alerts, warnings, rejectedRows, rejectedValues } = status
  const dirty =
    rejectedRows + rejectedValues === 0 ? '' : ` · ${counted(rejectedRows, 'row')} and ${counted(rejectedValues, 'value')} rejected`
  return `${seconds(atS)}  ${grouped(connected)} of ${counted(vehicles, 'vehicle')} · ${grouped(samplesPerSecond)} samples/s · ${counted(alerts, 'alert')}, ${counted(warnings, 'warning')}${dirty}`
}

export function replayResultLines(result: ReplayResult): string[] {
  const { alerts, trace, vehicles, warnings, reportsSent, reportsAccepted, reportsRefused, failures, lateMsMax } = result
  return [
    `${counted(vehicles, 'vehicle')}, ${counted(warnings, 'warning')} of ${counted(alerts.length, 'alert')}:`,
    ...alerts.map(alertLine),
    `reports: ${grouped(reportsSent)} sent, ${grouped(reportsAccepted)} accepted${Object.keys(reportsRefused).length > 0 ? `, refused: ${tabled(reportsRefused)}` : ''}`,
    ...(Object.keys(failures).length > 0 ? [`failures: ${tabled(failures)}`] : []),
    ...(lateMsMax > 1_000 ? [`this machine is too slow: samples were handed over up to ${grouped(lateMsMax)} ms late`] : []),
    ...traceLines(trace),
  ]
}

function alertLine({ cause, subCause, causeName, lat, lon, firstAtS, lastEndAtS, vehiclesWarned }: AlertSummary): string {
  const until = lastEndAtS === undefined ? 'not over' : `until ${lastEndAtS.toFixed(1)} s`
  const place = lat === undefined || lon === undefined ? '' : ` at ${lat.toFixed(6)},${lon.toFixed(6)}`
  return `  ${cause}/${subCause} ${causeName ?? ''}${place}, from ${firstAtS.toFixed(1)} s, ${until}: ${counted(vehiclesWarned, 'vehicle')} warned`
}

/** What of the recording was not taken, by reason; nothing for a clean one. */
export function traceLines({ rows, samples, rejectedRows, rejectedValues, reasons }: TraceCounts): string[] {
  return [
    `recording: ${counted(rows, 'row')} read, ${counted(samples, 'sample')}, ${counted(rejectedRows, 'row')} and ${counted(rejectedValues, 'value')} rejected`,
    ...Object.entries(reasons).map(
      ([reason, { count, firstLine, firstExample }]) =>
        `  ${reason}: ${grouped(count)}, first in line ${grouped(firstLine)} (${firstExample})`,
    ),
  ]
}

function seconds(atS: number): string {
  return `${atS.toFixed(1)} s`.padStart(10)
}
