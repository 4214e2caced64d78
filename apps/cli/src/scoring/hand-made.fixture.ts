// Hand-made truth and alerts on a road that leads north, in metres from a place in Hamburg.
import { destination } from '@outrider/geo'
import type { TrafficSample, TruthRow } from '@outrider/traffic'
import type { DetectedAlert } from './detected-alert.js'

const place = { latitudeDeg: 53.55, longitudeDeg: 9.99 }

/** Metres north and east of the place. */
export function at(northM: number, eastM = 0): { readonly lat: number; readonly lon: number } {
  const north = destination(place.latitudeDeg, place.longitudeDeg, 0, northM)
  const { latitudeDeg, longitudeDeg } = destination(north.latitudeDeg, north.longitudeDeg, 90, eastM)
  return { lat: latitudeDeg, lon: longitudeDeg }
}

/** A row of truth: a 94 from 100 to 200 s with a radius of 20 m, unless said otherwise. */
export function row(given: Partial<TruthRow> & { readonly index?: number } = {}): TruthRow {
  return { index: 0, kind: 'must', cause: 94, subCause: 0, radiusM: 20, fromS: 100, toS: 200, vehicleIds: [], ...at(0), ...given }
}

/** An alert: a 94 issued at 120 s, resolved at 210 s, unless said otherwise. */
export function alert(given: Partial<DetectedAlert> = {}): DetectedAlert {
  const issuedAtS = given.issuedAtS ?? 120
  const { lat, lon } = { ...at(0), ...given }
  return {
    id: `a/${issuedAtS}`,
    cause: 94,
    subCause: 0,
    radiusM: 20,
    headingDeg: null,
    endedAtS: 210,
    endReason: 'resolved',
    revisions: [{ revision: 1, atS: issuedAtS, lat, lon }],
    renewals: 0,
    confidence: 0.5,
    sources: 1,
    ...given,
    lat,
    lon,
    issuedAtS,
  }
}

export function sample(vehicleId: string, timeS: number, given: Partial<TrafficSample> = {}): TrafficSample {
  return { timeS, vehicleId, enrolment: vehicleId, ...at(0), ...given }
}
