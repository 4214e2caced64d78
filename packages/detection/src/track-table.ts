/*
 * What the zone remembers of its vehicles, as columns: a row per vehicle, so that ten thousand of them are a few typed arrays and no
 * objects. A row is 2 cache lines of state and a ring of its last 16 samples (at 10 Hz 1.6 s, at 1 Hz 16 s): about 600 bytes.
 *
 * Times are ms of the node's monotonic clock; a vehicle's times are brought to it by `offsetMs`. Positions are a frame's units.
 */

/** Samples remembered per row; a power of two. */
export const historySamples = 16
/** Passers remembered on each side of a standing vehicle; more do not make it surer. */
export const passersPerSide = 4
const passersKept = 2 * passersPerSide

export interface TrackTable {
  readonly rowsMax: number
  /** Samples written, up to 2^32; 0 = the row has no track yet. */
  readonly samples: Uint32Array
  readonly x: Int32Array
  readonly y: Int32Array
  /** Time of the last sample with a position. */
  readonly atMs: Float64Array
  /** Receive time of the last report, tracked or not. */
  readonly heardAtMs: Float64Array
  /** NaN = unknown. */
  readonly speedMps: Float32Array
  /** Course over ground in degrees: the heading, or its reverse in reverse gear. NaN = none in the past ten minutes. Below 1 m/s it is the last one above. */
  readonly courseDeg: Float32Array
  /** When the course was last seen at 1 m/s or more. */
  readonly courseAtMs: Float64Array
  readonly accuracyM: Float32Array
  readonly lengthM: Float32Array
  /** Flags of the last sample; see protocol's `flagBit`. */
  readonly flags: Uint32Array
  /** Role as the vehicle reports it (wire VehicleRole), 0 = not said. */
  readonly role: Uint8Array
  /** Since when it stands, and where it began to; NaN = it moves. */
  readonly standingSinceMs: Float64Array
  readonly standX: Int32Array
  readonly standY: Int32Array
  /** Course with which it came to stand, kept for as long as it stands; NaN = unknown. */
  readonly standCourseDeg: Float32Array
  /** Since when it creeps, below 1.4 m/s, and since when it is slow, below 5 m/s; NaN = it is not. Standing is both. */
  readonly creepingSinceMs: Float64Array
  readonly slowSinceMs: Float64Array
  /** Cell it was last seen in by the detector of wrong-way drivers, and how many in a row it drove through against all others. */
  readonly wrongWayColumn: Int32Array
  readonly wrongWayRow: Int32Array
  readonly wrongWayCells: Uint8Array
  /** Since when, and from where on, it drives far below the usual speed with nothing before it; NaN = it does not. */
  readonly dawdlingSinceMs: Float64Array
  readonly dawdlingX: Int32Array
  readonly dawdlingY: Int32Array
  /** Hazard whose subject this vehicle is, +1; 0 = none. When it moves on, that hazard loses its evidence. */
  readonly subjectOf: Uint32Array
  /** Passers: row + 1 (0 = none), when, and 1 if it went on; `passersPerSide` entries on the left of a row, and as many on the right. */
  readonly passer: Uint32Array
  readonly passedAtMs: Float64Array
  readonly wentOn: Uint8Array
  /** Share of its passers, 0..1, the latest counting most, who drove through where it stands. */
  readonly throughShare: Float32Array
  /** To be added to the vehicle's times to get the node's monotonic ms; NaN = unknown. */
  readonly offsetMs: Float64Array
  /** Report interval asked of it. */
  readonly intervalMs: Float32Array
  readonly distrust: Float32Array
  /** The last sample that did not fit, and how many in a row fitted it. */
  readonly strayX: Int32Array
  readonly strayY: Int32Array
  readonly strayAtMs: Float64Array
  readonly strays: Uint8Array
  /** The ring: `historySamples` entries a row, the newest at `(samples - 1) & 15`. */
  readonly pastAtMs: Float64Array
  readonly pastX: Int32Array
  readonly pastY: Int32Array
  readonly pastSpeedMps: Float32Array
  readonly pastAccelMps2: Float32Array
}

export function createTrackTable(rowsMax: number): TrackTable {
  const past = rowsMax * historySamples
  const tracks: TrackTable = {
    rowsMax,
    samples: new Uint32Array(rowsMax),
    x: new Int32Array(rowsMax),
    y: new Int32Array(rowsMax),
    atMs: new Float64Array(rowsMax),
    heardAtMs: new Float64Array(rowsMax),
    speedMps: new Float32Array(rowsMax),
    courseDeg: new Float32Array(rowsMax),
    courseAtMs: new Float64Array(rowsMax),
    accuracyM: new Float32Array(rowsMax),
    lengthM: new Float32Array(rowsMax),
    flags: new Uint32Array(rowsMax),
    role: new Uint8Array(rowsMax),
    standingSinceMs: new Float64Array(rowsMax),
    standX: new Int32Array(rowsMax),
    standY: new Int32Array(rowsMax),
    standCourseDeg: new Float32Array(rowsMax),
    creepingSinceMs: new Float64Array(rowsMax),
    slowSinceMs: new Float64Array(rowsMax),
    wrongWayColumn: new Int32Array(rowsMax),
    wrongWayRow: new Int32Array(rowsMax),
    wrongWayCells: new Uint8Array(rowsMax),
    dawdlingSinceMs: new Float64Array(rowsMax),
    dawdlingX: new Int32Array(rowsMax),
    dawdlingY: new Int32Array(rowsMax),
    subjectOf: new Uint32Array(rowsMax),
    passer: new Uint32Array(rowsMax * passersKept),
    passedAtMs: new Float64Array(rowsMax * passersKept),
    wentOn: new Uint8Array(rowsMax * passersKept),
    throughShare: new Float32Array(rowsMax),
    offsetMs: new Float64Array(rowsMax),
    intervalMs: new Float32Array(rowsMax),
    distrust: new Float32Array(rowsMax),
    strayX: new Int32Array(rowsMax),
    strayY: new Int32Array(rowsMax),
    strayAtMs: new Float64Array(rowsMax),
    strays: new Uint8Array(rowsMax),
    pastAtMs: new Float64Array(past),
    pastX: new Int32Array(past),
    pastY: new Int32Array(past),
    pastSpeedMps: new Float32Array(past),
    pastAccelMps2: new Float32Array(past),
  }
  for (let row = 0; row < rowsMax; row++) clearTrack(tracks, row)
  return tracks
}

/** Makes a row that of a vehicle never heard of. */
export function clearTrack(tracks: TrackTable, row: number): void {
  tracks.heardAtMs[row] = Number.NEGATIVE_INFINITY
  tracks.offsetMs[row] = Number.NaN
  tracks.intervalMs[row] = 1_000
  tracks.distrust[row] = 0
  tracks.lengthM[row] = Number.NaN
  tracks.role[row] = 0
  forgetMotion(tracks, row)
}

/** Forgets where a vehicle was and what it did there; who it is, its clock and its distrust stay. */
export function forgetMotion(tracks: TrackTable, row: number): void {
  tracks.samples[row] = 0
  tracks.atMs[row] = Number.NEGATIVE_INFINITY
  tracks.speedMps[row] = Number.NaN
  tracks.courseDeg[row] = Number.NaN
  tracks.courseAtMs[row] = Number.NEGATIVE_INFINITY
  tracks.accuracyM[row] = Number.NaN
  tracks.flags[row] = 0
  tracks.standingSinceMs[row] = Number.NaN
  tracks.creepingSinceMs[row] = Number.NaN
  tracks.slowSinceMs[row] = Number.NaN
  tracks.wrongWayCells[row] = 0
  tracks.dawdlingSinceMs[row] = Number.NaN
  tracks.subjectOf[row] = 0
  tracks.strays[row] = 0
  forgetPassers(tracks, row)
}

export function forgetPassers(tracks: TrackTable, row: number): void {
  tracks.passer.fill(0, row * passersKept, (row + 1) * passersKept)
  tracks.wentOn.fill(0, row * passersKept, (row + 1) * passersKept)
  tracks.throughShare[row] = 0
}

/** Place in the ring of the sample `back` before the newest, 0..15; of use only while `back` is below `historyCount`. */
export function pastIndex(tracks: TrackTable, row: number, back: number): number {
  return row * historySamples + ((tracks.samples[row]! - 1 - back) & (historySamples - 1))
}

/** How many samples of a row the ring holds. */
export function historyCount(tracks: TrackTable, row: number): number {
  return Math.min(tracks.samples[row]!, historySamples)
}
