// Order of sends as numbered lists, the smallest first: a bucket sort, so that ordering 10,000 recipients costs as much as listing them.
// Half seconds up to 16 s, where a second decides; 8 s steps up to 264 s; the rest and the unknown last.
import { outrider } from '@outrider/protocol'

const { Priority } = outrider.v1

const fineStepMs = 500
const fineSteps = 32
const coarseStepMs = 8_000
const coarseSteps = 31
const bucketsPerPriority = fineSteps + coarseSteps + 1
/** Any alert is imminent for a vehicle that is this close to the hazard. */
const imminentMs = 10_000

/** Lists of what is due; ends go after warnings, before information. */
export const endsList = 2 * bucketsPerPriority
export const dueLists = 3 * bucketsPerPriority + 1

/** An alert's priority for one vehicle. @param timeToHazardMs -1 = unknown */
export function priorityFor(alertPriority: number, timeToHazardMs: number): number {
  if (timeToHazardMs >= 0 && timeToHazardMs <= imminentMs) return Priority.PRIORITY_IMMINENT
  return alertPriority === Priority.PRIORITY_UNSPECIFIED ? Priority.PRIORITY_INFORMATION : alertPriority
}

/** The list of a priority and a time to hazard, -1 = unknown. */
export function urgencyList(priority: number, timeToHazardMs: number): number {
  const bucket = bucketOf(timeToHazardMs)
  if (priority >= Priority.PRIORITY_IMMINENT) return bucket
  return priority === Priority.PRIORITY_WARNING ? bucketsPerPriority + bucket : endsList + 1 + bucket
}

function bucketOf(timeToHazardMs: number): number {
  if (timeToHazardMs < 0) return bucketsPerPriority - 1
  const fine = Math.floor(timeToHazardMs / fineStepMs)
  if (fine < fineSteps) return fine
  return fineSteps + Math.min(coarseSteps, Math.floor((timeToHazardMs - fineSteps * fineStepMs) / coarseStepMs))
}
