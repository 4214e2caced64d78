import { flagBits } from '@outrider/traffic'
import type { AlertView, DetectorView, HazardView, VehicleView } from '@outrider/zone'
import { tableLines } from '../print-table.js'
import type { Explanation, SampleOutcome } from './explain-vehicle.js'

/** What a zone thought of a vehicle, for a person. */
export function describeExplanation({ vehicle, atS, samples, view, offsetMs }: Explanation): string {
  const lastS = samples[0]!.sample.timeS
  const timeS = (ms: number): number => Math.round(ms + offsetMs) / 1_000
  return [
    `${vehicle} at ${atS} s, as of its last report at ${lastS} s`,
    '',
    'last samples, the newest first',
    ...indented(tableLines(sampleHead, samples.map(sampleRow))),
    '',
    ...(view === undefined ? ['The zone has no track of it: none of its samples was believed.'] : describeView(view, lastS, timeS)),
  ].join('\n')
}

function describeView(view: VehicleView, nowS: number, timeS: (ms: number) => number): string[] {
  return [
    'track',
    ...indented(trackLines(view, nowS, timeS)),
    '',
    'detectors',
    ...indented(view.detectors.flatMap(detectorLines)),
    '',
    ...section(
      'hazards within 1000 m',
      hazardHead,
      view.hazards.map(hazard => hazardRow(hazard, timeS)),
    ),
    '',
    ...section('active alerts within 1000 m, or told', alertHead, view.alerts.map(alertRow)),
  ]
}

const sampleHead = ['t s', 'lat', 'lon', 'heading', 'm/s', 'm/s2', 'flags', '']

function sampleRow({ sample, implausible }: SampleOutcome): string[] {
  const { timeS, lat, lon, headingDeg, speedMps, accelMps2, flags = 0, report } = sample
  const names = Object.entries(flagBits).flatMap(([name, bit]) => ((flags & bit) !== 0 ? [name] : []))
  return [
    String(timeS),
    lat.toFixed(6),
    lon.toFixed(6),
    shown(headingDeg),
    shown(speedMps),
    shown(accelMps2),
    names.join(' ') || '-',
    [
      ...(report === undefined ? [] : [`reports ${report.cause}/${report.subCause}`]),
      ...(implausible === undefined ? [] : [`not believed: ${implausible}`]),
    ].join(', '),
  ]
}

function trackLines(
  { courseDeg, standingSinceMs, distrust, distrustMax, askedIntervalMs, connected }: VehicleView,
  nowS: number,
  timeS: (ms: number) => number,
) {
  const course = courseDeg === undefined ? 'no course' : `course ${Math.round(courseDeg)}°`
  const sinceS = standingSinceMs === undefined ? undefined : timeS(standingSinceMs)
  const motion = sinceS === undefined ? 'moves' : `stands since ${sinceS} s, for ${Math.round((nowS - sinceS) * 10) / 10} s`
  const trust = `distrust ${Math.round(distrust * 100) / 100}${distrust > distrustMax ? `, over ${distrustMax}: no evidence` : ` of ${distrustMax}`}`
  return [`${motion}, ${course}`, `${trust}, asked to report every ${askedIntervalMs} ms${connected ? '' : ', session closed'}`]
}

function detectorLines({ name, findings, ways }: DetectorView): string[] {
  const found = findings.map(({ cause, subCause, alone }) => `${cause}/${subCause}${alone ? '' : ', needs others'}`).join('; ')
  return [
    `${name}: ${found === '' ? 'nothing' : `found ${found}`}`,
    ...ways.flatMap(way => [`  ${way.name}`, ...way.conditions.map(({ text, isMet }) => `    ${isMet ? 'yes' : 'no '}  ${text}`)]),
  ]
}

const hazardHead = ['cause', 'lat', 'lon', 'away m', 'heading', 'since s', 'last s', 'by', 'sources', 'its own', 'alert']

function hazardRow(hazard: HazardView, timeS: (ms: number) => number): string[] {
  return [
    `${hazard.cause}/${hazard.subCause}`,
    hazard.latitudeDeg.toFixed(6),
    hazard.longitudeDeg.toFixed(6),
    String(Math.round(hazard.distanceM)),
    shown(hazard.headingDeg),
    String(timeS(hazard.firstAtMs)),
    String(timeS(hazard.lastAtMs)),
    hazard.detectors.join(' '),
    `${hazard.sources}${hazard.isSure ? ', sure' : hazard.sourcesNeeded === undefined ? '' : ` of ${hazard.sourcesNeeded}`}`,
    hazard.isSource ? 'yes' : 'no',
    hazard.alertKey ?? 'not public',
  ]
}

const alertHead = ['alert', 'revision', 'cause', 'away m', 'concerns it', 'told']

function alertRow({ key, revision, cause, subCause, distanceM, concerns, told }: AlertView): string[] {
  return [key, String(revision), `${cause}/${subCause}`, String(Math.round(distanceM)), concerns ? 'yes' : 'no', told ? 'yes' : 'no']
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [`${title}: none`] : [title, ...indented(tableLines(head, rows))]
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`)
}

function shown(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.round(value * 100) / 100)
}
