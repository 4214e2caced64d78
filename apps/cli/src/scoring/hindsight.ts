/*
 * Were the right vehicles warned, as the rest of the trace shows (evaluation.md, "Hindsight truth")? Endangered by an alert is who first comes
 * within 30 m of its event, on a course within 45° of its reference heading, while it lasts and at least 5 s after it was issued; who was there
 * before that could not be warned. Warned is who was sent the alert at all, by its first delivery.
 */
import { haversineM, headingDifferenceDeg } from '@outrider/geo'
import type { TrafficSample } from '@outrider/traffic'
import type { DetectedAlert } from './detected-alert.js'
import { rounded } from './score.js'

const nearM = 30
const courseDegMax = 45
/** A warning has to come so long before. */
const aheadS = 5
/** Degrees of latitude that 30 m are, and some more: who is further away is not measured. */
const nearLatDeg = nearM / 110_000

export type HindsightAlert = Pick<DetectedAlert, 'id' | 'cause' | 'lat' | 'lon' | 'headingDeg' | 'issuedAtS' | 'endedAtS'>

export interface HindsightScore {
  readonly endangered: number
  /** Of the endangered: warned at least 5 s before they were there. */
  readonly warnedInTime: number
  readonly warned: number
  /** Of the warned: endangered. */
  readonly warnedEndangered: number
  /** warnedInTime ÷ endangered, and warnedEndangered ÷ warned; null = nobody was. */
  readonly recall: number | null
  readonly precision: number | null
  /** From the warning to being there, of the endangered who were warned: the median, and each, s. */
  readonly medianLeadS: number | null
  readonly leadsS: readonly number[]
}

export interface Hindsight {
  /** Samples in order of time. */
  see(sample: TrafficSample): void
  /** @param warned by alert and vehicle, when it was first sent */
  scoreOf(alertId: string, warned: ReadonlyMap<string, number>): HindsightScore
}

export function createHindsight(alerts: readonly HindsightAlert[]): Hindsight {
  /** When each vehicle was first there, by alert. */
  const arrivals = new Map(alerts.map(({ id }) => [id, new Map<string, number>()]))
  const waiting = [...alerts].sort((a, b) => b.issuedAtS - a.issuedAtS)
  let active: HindsightAlert[] = []

  return {
    see(sample) {
      const { timeS, vehicleId } = sample
      while (waiting.length > 0 && waiting.at(-1)!.issuedAtS <= timeS) active.push(waiting.pop()!)
      for (const alert of active) {
        if (alert.endedAtS !== null && alert.endedAtS < timeS) active = active.filter(other => other !== alert)
        else if (isThere(alert, sample)) {
          const there = arrivals.get(alert.id)!
          if (!there.has(vehicleId)) there.set(vehicleId, timeS)
        }
      }
    },
    scoreOf(alertId, warned) {
      const alert = alerts.find(({ id }) => id === alertId)!
      const endangered = [...arrivals.get(alertId)!].filter(([, atS]) => atS >= alert.issuedAtS + aheadS)
      const leads = endangered.flatMap(([vehicle, atS]) => (warned.has(vehicle) ? [atS - warned.get(vehicle)!] : []))
      return scoreOf(endangered.length, leads, warned.size)
    },
  }
}

/** Several alerts together; the median is that of all leads. */
export function sumOf(scores: readonly HindsightScore[]): HindsightScore {
  const sum = (count: (score: HindsightScore) => number): number => scores.reduce((total, score) => total + count(score), 0)
  return scoreOf(
    sum(score => score.endangered),
    scores.flatMap(score => score.leadsS),
    sum(score => score.warned),
  )
}

function scoreOf(endangered: number, leadsS: readonly number[], warned: number): HindsightScore {
  const sorted = [...leadsS].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2
  const warnedInTime = sorted.filter(lead => lead >= aheadS).length
  return {
    endangered,
    warnedInTime,
    warned,
    warnedEndangered: sorted.length,
    recall: endangered === 0 ? null : rounded(warnedInTime / endangered),
    precision: warned === 0 ? null : rounded(sorted.length / warned),
    medianLeadS: sorted.length === 0 ? null : rounded(median!),
    leadsS: sorted.map(rounded),
  }
}

function isThere(alert: HindsightAlert, { lat, lon, headingDeg }: TrafficSample): boolean {
  if (Math.abs(alert.lat - lat) > nearLatDeg || haversineM(alert.lat, alert.lon, lat, lon) > nearM) return false
  return alert.headingDeg === null || (headingDeg !== undefined && headingDifferenceDeg(alert.headingDeg, headingDeg) <= courseDegMax)
}
