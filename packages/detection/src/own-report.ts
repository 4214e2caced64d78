/*
 * What a driver or a camera says it saw ahead. One who says so is told to nobody; with a second independent vehicle (or a third, where
 * the table of causes wants three) it is public. The place is the vehicle's, moved along its course by the distance it gave.
 */
import { eastMPerUnit, northMPerUnit, reverseHeadingDeg } from '@outrider/geo'
import { causes } from '@outrider/protocol'
import { sourcesNeededOf } from './cause-rules.js'
import type { Sighting, Surroundings } from './detector.js'
import type { Finding } from './evidence.js'
import { noFindings } from './no-findings.js'
import { accuracyOf } from './plausibility.js'

const radPerDeg = Math.PI / 180
/** What "ahead" may mean without a distance: as far as a driver looks while reaching for the button. */
const unstatedM = 50
/** A driver judges distances to about a fifth. */
const distanceErrorShare = 0.2

/** Health problems of a driver are published as a standing vehicle (design, privacy). */
const publishedAs: ReadonlyMap<number, number> = new Map([[causes.humanProblem.code, causes.stationaryVehicle.code]])

export function publishedCause(reported: number): number {
  return publishedAs.get(reported) ?? reported
}

export function findOwnReport({ tracks, frame, policy }: Surroundings, row: number, sighting: Sighting): readonly Finding[] {
  const { report, index } = sighting
  if (report.observationCount === 0) return noFindings
  const findings: Finding[] = []
  const course = tracks.courseDeg[row]!
  for (let at = 0; at < report.observationCount; at++) {
    if (report.observationSample[at] !== index) continue
    const reported = report.observationCause[at]!
    const cause = publishedCause(reported)
    if (sourcesNeededOf(cause) === undefined) continue
    const statedM = report.observationDistanceM[at]!
    const aheadM = Number.isNaN(course) ? 0 : Number.isNaN(statedM) ? unstatedM : statedM
    findings.push({
      cause,
      subCause: cause === reported ? report.observationSubCause[at]! : 0,
      x: sighting.x + Math.round((Math.sin(course * radPerDeg || 0) * aheadM) / eastMPerUnit(frame, sighting.y)),
      y: sighting.y + Math.round((Number.isNaN(course) ? 0 : Math.cos(course * radPerDeg) * aheadM) / northMPerUnit),
      uncertaintyM:
        accuracyOf(report.accuracyM[index]!, policy) + (Number.isNaN(statedM) ? unstatedM : Math.max(5, statedM * distanceErrorShare)),
      headingDeg: headingOf(cause, course),
      alone: false,
      subject: false,
    })
  }
  return findings
}

/** Course of the traffic concerned is the reporter's own; of a wrong-way driver, who comes towards it, the reference is his. */
function headingOf(cause: number, course: number): number {
  return cause === causes.wrongWayDriving.code && !Number.isNaN(course) ? reverseHeadingDeg(course) : course
}
