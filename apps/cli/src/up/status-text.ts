// The live status as text: a block for a terminal of 80 columns, and one line where there is none.
import type { Readings } from './readings.js'
import { refusedText } from './refused-reports.js'
import type { Latency } from './simulator-lines.js'

export interface StatusHead {
  /** How long the run is up, ms. */
  readonly upMs: number
  /** How long it is to be, ms; undefined: until stopped. */
  readonly forMs: number | undefined
  /** What is going on, such as "running" or "draining". */
  readonly phase: string
}

/** A name and what it is reached by. */
export type StatusPlace = readonly [name: string, address: string]

/** Marks text; `plain` leaves it as it is. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
}

const same = (text: string) => text
export const plain: Paint = { strong: same, faint: same, good: same, bad: same }

const sgr = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`
export const coloured: Paint = { strong: sgr(1), faint: sgr(2), good: sgr(32), bad: sgr(33) }

/** What the issue of the product promises; beyond it the figure is marked. */
const p50Goal = 5
const p99Goal = 20
/** A second of what 300 vehicles send: more waits than is on its way. */
const lagGoal = 1_000
/** Beside its name, in 79 columns. */
const refusedLengthMax = 61

/** Lines of at most 80 columns. */
export function statusBlock(head: StatusHead, readings: Readings, places: readonly StatusPlace[], paint: Paint): string[] {
  const { vehicles, samplesPerSecond, activeAlerts, alertsShown, reportToAlertMs, uplinkLag, eventLogLag, recordsAtCentral } = readings
  const time = head.forMs === undefined ? clock(head.upMs) : `${clock(Math.min(head.upMs, head.forMs))} of ${clock(head.forMs)}`
  const title = `Outrider  ${head.phase}`
  const cell = (name: string, value: string, width: number) => `  ${paint.faint(name.padEnd(16))}${value}${' '.repeat(width)}`
  const row = (left: readonly [string, string], right: readonly [string, string]) =>
    cell(left[0], paint.strong(left[1]), Math.max(1, 22 - left[1].length)) + cell(right[0], paint.strong(right[1]), 0)
  const refused = [2, 1, 0]
    .map(reasons => refusedText(readings.reportsRefused ?? {}, reasons))
    .find(text => (text?.length ?? 0) <= refusedLengthMax)
  const lag = (value: number | undefined) => (value === undefined ? '…' : (value > lagGoal ? paint.bad : same)(`${count(value)}`))
  return [
    `${paint.strong('Outrider')}  ${head.phase}${' '.repeat(Math.max(2, 78 - title.length - time.length))}${paint.faint(time)}`,
    '',
    row(['vehicles', count(vehicles)], ['samples/s', count(samplesPerSecond)]),
    row(['active alerts', count(activeAlerts)], ['alerts shown', count(alertsShown)]),
    `  ${paint.faint('report to alert '.padEnd(16))}${latency(reportToAlertMs, paint)}`,
    `${cell('uplink lag', lag(uplinkLag), Math.max(1, 22 - count(uplinkLag).length))}${cell('event log lag', lag(eventLogLag), 0)}`,
    `  ${paint.faint('at central'.padEnd(16))}${paint.strong(count(recordsAtCentral))} records in this run`,
    ...(refused === undefined ? [] : [`  ${paint.faint('reports refused '.padEnd(16))}${paint.bad(refused)}`]),
    '',
    ...places.map(([name, address]) => `  ${paint.faint(name.padEnd(16))}${address}`),
  ]
}

export function statusLine(head: StatusHead, readings: Readings): string {
  const { vehicles, samplesPerSecond, activeAlerts, alertsShown, reportToAlertMs, uplinkLag, recordsAtCentral } = readings
  const refused = refusedText(readings.reportsRefused ?? {}, 2)
  return [
    `${clock(head.upMs)} ${head.phase}`,
    `${count(vehicles)} vehicles`,
    `${count(samplesPerSecond)} samples/s`,
    `${count(activeAlerts)} active alerts`,
    `${count(alertsShown)} shown`,
    `report to alert ${latency(reportToAlertMs, plain)}`,
    `uplink lag ${count(uplinkLag)}`,
    `${count(recordsAtCentral)} records at central`,
    ...(refused === undefined ? [] : [`${refused} reports refused`]),
  ].join(', ')
}

function latency(latencyMs: Latency | undefined, paint: Paint): string {
  if (latencyMs === undefined) return 'none yet'
  const { p50, p99, max } = latencyMs
  const mark = (value: number, goal: number) => (value > goal ? paint.bad : paint.good)(`${milliseconds(value)} ms`)
  return `p50 ${mark(p50, p50Goal)}  p99 ${mark(p99, p99Goal)}  max ${milliseconds(max)} ms`
}

/** Two significant digits are what it is good for; whole from 10 on. */
export function milliseconds(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(1)
}

/** With thin groups of three, so that large numbers can be read. */
function count(value: number | undefined): string {
  return value === undefined ? '…' : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** h:mm:ss */
function clock(ms: number): string {
  const s = Math.floor(ms / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${Math.floor(s / 3_600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}
