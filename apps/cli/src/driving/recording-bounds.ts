// Where and when a recording is, and a zone table for one node that covers it.
import { createReadStream } from 'node:fs'
import { destination } from '@outrider/geo'
import { encodeJson } from '@outrider/protocol'
import { type Origin, readTrace, type TraceReport } from '@outrider/traffic'

export interface RecordingBounds {
  readonly fromS: number
  readonly untilS: number
  readonly vehicles: number
  /** Degrees; the smallest box that holds all positions. A recording across 180° has a box around the earth. */
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
  readonly trace: TraceReport
}

/** Undefined if there is no sample. Throws TrafficError. */
export async function boundsOf(
  file: string,
  origin: Origin | undefined,
): Promise<RecordingBounds | { readonly trace: TraceReport; readonly vehicles: 0 }> {
  const reading = readTrace(createReadStream(file), origin === undefined ? {} : { origin })
  const vehicles = new Set<string>()
  let [fromS, untilS] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [south, west, north, east] = [90, 180, -90, -180]
  for await (const { timeS, vehicleId, lat, lon } of reading.samples) {
    vehicles.add(vehicleId)
    fromS = Math.min(fromS, timeS)
    untilS = Math.max(untilS, timeS)
    south = Math.min(south, lat)
    north = Math.max(north, lat)
    west = Math.min(west, lon)
    east = Math.max(east, lon)
  }
  const trace = reading.report()
  return vehicles.size === 0 ? { trace, vehicles: 0 } : { fromS, untilS, vehicles: vehicles.size, south, west, north, east, trace }
}

/** Room around the recording: as far as most alerts reach. */
const marginM = 1_000

/** A zone table in JSON: one zone with one footprint around the recording, and one node that owns it. */
export function zoneTableAround({ south, west, north, east }: RecordingBounds, node: string, vehicleUrl: string): string {
  const southWest = {
    latitude: destination(south, west, 180, marginM).latitudeDeg,
    longitude: destination(south, west, 270, marginM).longitudeDeg,
  }
  const northEast = {
    latitude: destination(north, east, 0, marginM).latitudeDeg,
    longitude: destination(north, east, 90, marginM).longitudeDeg,
  }
  const corner = (latitude: number, longitude: number) => ({
    latitudeE7: Math.round(latitude * 1e7),
    longitudeE7: Math.round(longitude * 1e7),
  })
  const points = [
    corner(southWest.latitude, southWest.longitude),
    corner(southWest.latitude, northEast.longitude),
    corner(northEast.latitude, northEast.longitude),
    corner(northEast.latitude, southWest.longitude),
  ]
  const table = encodeJson('ZoneTable', {
    version: 1,
    zones: [
      {
        name: 'recording',
        region: 'region-1',
        footprints: [{ name: 'recording', area: { polygons: [{ outer: { points } }] }, owner: node }],
      },
    ],
    nodes: [{ name: node, zone: 'recording', vehicleUrl }],
  })
  return `${JSON.stringify(table, undefined, 2)}\n`
}
