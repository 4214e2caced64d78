/*
 * Which alerts two runs over one trace share. Numbers of alerts shift as soon as one is more or less, so that alerts are paired by what they
 * are: same cause family, within 100 m, active at one time or begun within a minute; the nearest in time and place, each at most once.
 */
import { haversineM } from '@outrider/geo'
import type { DetectedAlert } from './detected-alert.js'
import { isOfFamily } from './match-rules.js'

const pairM = 100
const pairS = 60

/** What is compared. Of an alert that was read back from a file nothing else is needed. */
export type ComparedAlert = Pick<DetectedAlert, 'id' | 'cause' | 'subCause' | 'lat' | 'lon' | 'issuedAtS' | 'endedAtS' | 'endReason'> & {
  readonly verdict?: string | undefined
}

const comparedFields = ['cause', 'subCause', 'lat', 'lon', 'issuedAtS', 'endedAtS', 'endReason', 'verdict'] as const
type ComparedField = (typeof comparedFields)[number]

interface AlertDifference {
  readonly here: ComparedAlert
  readonly there: ComparedAlert
  /** Names of the fields that differ. */
  readonly fields: readonly ComparedField[]
}

export interface Comparison {
  readonly same: number
  readonly onlyHere: readonly ComparedAlert[]
  readonly onlyThere: readonly ComparedAlert[]
  readonly changed: readonly AlertDifference[]
}

export function compareAlerts(here: readonly ComparedAlert[], there: readonly ComparedAlert[]): Comparison {
  const free = new Set(there)
  const onlyHere: ComparedAlert[] = []
  const changed: AlertDifference[] = []
  let same = 0
  for (const alert of here) {
    const pair = [...free].filter(other => isPair(alert, other)).sort((a, b) => apart(alert, a) - apart(alert, b))[0]
    if (pair === undefined) {
      onlyHere.push(alert)
      continue
    }
    free.delete(pair)
    const fields = differences(alert, pair)
    if (fields.length === 0) same++
    else changed.push({ here: alert, there: pair, fields })
  }
  return { same, onlyHere, onlyThere: [...free], changed }
}

function isPair(a: ComparedAlert, b: ComparedAlert): boolean {
  const isSameTime = Math.abs(a.issuedAtS - b.issuedAtS) <= pairS || (a.issuedAtS <= endOf(b) && b.issuedAtS <= endOf(a))
  return isOfFamily(a.cause, b.cause) && isSameTime && haversineM(a.lat, a.lon, b.lat, b.lon) <= pairM
}

function endOf({ endedAtS }: ComparedAlert): number {
  return endedAtS ?? Number.POSITIVE_INFINITY
}

/** Seconds and metres count alike, as at walking pace. */
function apart(a: ComparedAlert, b: ComparedAlert): number {
  return Math.abs(a.issuedAtS - b.issuedAtS) + haversineM(a.lat, a.lon, b.lat, b.lon)
}

function differences(a: ComparedAlert, b: ComparedAlert): ComparedField[] {
  return comparedFields.filter(field => a[field] !== b[field])
}
