import { sourcesNeededOf } from './cause-rules.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, type Way } from './explanation.js'
import { publishedCause } from './own-report.js'

/** A way for every observation of the sample; for none, the one that says so. */
export function explainOwnReport(_: Surroundings, __: number, { report, index }: Sighting): readonly Way[] {
  const ways: Way[] = []
  for (let at = 0; at < report.observationCount; at++) {
    if (report.observationSample[at] !== index) continue
    const cause = report.observationCause[at]!
    const isTaken = sourcesNeededOf(publishedCause(cause)) !== undefined
    ways.push({ name: `report of ${cause}`, conditions: [condition(`cause ${cause} is taken from vehicles`, isTaken)] })
  }
  return ways.length > 0 ? ways : [{ name: 'report', conditions: [condition('driver or camera says what is ahead', false)] }]
}
