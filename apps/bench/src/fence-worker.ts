// What it costs to find out which of many polygons a vehicle is in: a scan of their boxes, the index, and the zone with alerts less the zone without.
import { type Area, contains, createFenceIndex, createReach, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import type { VehicleIdentity } from '@outrider/identity'
import { encodeFrame, outrider } from '@outrider/protocol'
import { createMemorySockets, createZone, type RecordLane, type Zone } from '@outrider/zone'
import { compiled, createChance, extent, frame, placeIn, polygonIn } from './areas.js'
import { readUsage, serveCommands, workerOptions } from './worker.js'

/** `driving` is the index again, asked by one vehicle that drives on, whose surroundings stay in the CPU's cache. */
export type FenceMethod = 'boxes' | 'index' | 'driving' | 'zone'

const { method, fences } = workerOptions<{ method: FenceMethod; fences: number }>()
const { AlertStatus, IssuerRole, Priority } = outrider.v1
const chance = createChance(fences)
/** Takes something of every result, so that nothing can be optimised away. */
let sink = 0

const placeCount = 4_096
const places = method === 'driving' ? drive() : Array.from({ length: placeCount }, () => placeIn(chance))
const asks = { boxes: askBoxes, index: askIndex, driving: askIndex, zone: askNothing }

/** 20 m at a time from west to east, and back. */
function drive() {
  const stepX = (extent.maxX - extent.minX) / 1_000
  const y = Math.round((extent.minY + extent.maxY) / 2)
  return Array.from({ length: placeCount }, (_, at) => {
    const along = at % 2_000
    return { x: Math.round(extent.minX + stepX * (along < 1_000 ? along : 2_000 - along)), y }
  })
}

function askBoxes(): (x: number, y: number) => number {
  const areas: Area[] = Array.from({ length: fences }, () => compiled(polygonIn(chance)))
  return (x, y) => {
    let found = 0
    for (const area of areas) {
      if (x >= area.minX && x <= area.maxX && y >= area.minY && y <= area.maxY && contains(area, x, y)) found++
    }
    return found
  }
}

function askIndex(): (x: number, y: number) => number {
  const index = createFenceIndex({ frame, extent, fencesMax: fences })
  for (let id = 0; id < fences; id++) index.set(id, createReach(compiled(polygonIn(chance))))
  const out = new Int32Array(1_024)
  return (x, y) => index.query(x, y, out)
}

function askNothing(): never {
  throw new Error('the zone is asked by reports')
}

/** ns of CPU for one position. */
function timeAsking(durationS: number): number {
  const ask = asks[method]()
  askFor(ask, durationS / 4)
  const before = readUsage().cpuMicros
  const asked = askFor(ask, durationS)
  return ((readUsage().cpuMicros - before) * 1_000) / asked
}

function askFor(ask: (x: number, y: number) => number, durationS: number): number {
  const endMs = performance.now() + durationS * 1_000
  let asked = 0
  while (performance.now() < endMs) {
    // Few enough that a scan of 10,000 ends in time.
    for (let at = 0; at < 128; at++, asked++) {
      const { x, y } = places[asked % places.length]!
      sink += ask(x, y)
    }
  }
  return asked
}

const vehicles = 1_000
/** Of simulated time: before anybody has stood for so long that it means something. */
const batchesMax = 200
const warmBatches = 30
const stepMs = 500

/** A log that keeps nothing. */
function createNullLane(): RecordLane {
  let appended = 0
  return {
    append: () => ++appended,
    whenSynced: () => Promise.resolve(),
    get syncedThrough() {
      return appended
    },
    get appendedThrough() {
      return appended
    },
  }
}

function createCity(clock: { nowMs: number }): Zone {
  return createZone({
    node: 'bench',
    zone: 'bench',
    authority: 'bench',
    boot: 1,
    ground: { latitudeDeg: 53.55, longitudeDeg: 9.99, eastM: 10_000, northM: 10_000 },
    clock: { monotonicMs: () => clock.nowMs, wallMs: () => 1.8e12 + clock.nowMs, wallOffsetMs: () => 0 },
    sockets: createMemorySockets({ onFrame: () => {}, onClose: () => {} }),
    lanes: { urgent: createNullLane(), telemetry: createNullLane() },
    policy: { vehiclesMax: vehicles, alertsMax: Math.max(16, fences) },
  })
}

function openVehicles(zone: Zone): number[] {
  return Array.from({ length: vehicles }, (_, index) => {
    const name = `vehicle-${index}`
    const times = { issuedAtMs: 0, validFromMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER }
    const vehicle: VehicleIdentity = { authority: 'bench', pseudonym: name, role: 'default', links: [], ...times, keyId: 'bench' }
    const opened = zone.open(vehicle, false)
    if ('refused' in opened) throw new Error(opened.refused)
    zone.receive(opened.row, encodeFrame('hello', { sdkStart: 1 }), false)
    return opened.row
  })
}

function issueAll(zone: Zone): void {
  for (let fence = 0; fence < fences; fence++) {
    const content = {
      status: AlertStatus.ALERT_STATUS_ACTUAL,
      cause: { code: 3 },
      eventPosition: { latitudeE7: 535_500_000, longitudeE7: 99_900_000 },
      area: polygonIn(chance),
      awarenessDistanceM: 0,
      priority: Priority.PRIORITY_INFORMATION,
      issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
    }
    const outcome = zone.issue({ content, validityMs: 3_600_000, renewable: false })
    if (outcome.outcome !== 'changed') throw new Error(`an alert was refused: ${outcome.reason}`)
  }
}

/**
 * ns of CPU that a report costs more with the alerts than without: vehicles that stand, and are told of nothing new after the first. Nobody
 * ticks, or the node would close them, who do not acknowledge what they were told.
 */
function timeReports(durationS: number): number {
  const clock = { nowMs: 1_000 }
  const zones = [createCity(clock), createCity(clock)] as const
  const rows = zones.map(openVehicles)
  issueAll(zones[1])
  const cpuMicros = [0, 0]
  let counted = 0
  const endMs = performance.now() + 4_000 * durationS
  for (let batch = 0; batch < batchesMax && (batch < warmBatches + 2 || performance.now() < endMs); batch++) {
    clock.nowMs += stepMs
    const frames = Array.from({ length: vehicles }, (_, vehicle) => {
      const { x, y } = places[vehicle]!
      const sample = { latitudeE7: toLatitudeE7(frame, y), longitudeE7: toLongitudeE7(frame, x), speedCmps: 0, headingDecideg: 0 }
      return encodeFrame('telemetry', { number: batch + 1, timeMs: 1.8e12 + clock.nowMs, samples: [sample] })
    })
    for (const which of batch % 2 === 0 ? [0, 1] : [1, 0]) {
      const zone = zones[which]!
      const before = readUsage().cpuMicros
      for (let vehicle = 0; vehicle < vehicles; vehicle++) zone.receive(rows[which]![vehicle]!, frames[vehicle]!, false)
      // In the first ones they are told what concerns them, and what runs is compiled.
      if (batch >= warmBatches) cpuMicros[which]! += readUsage().cpuMicros - before
      while (zone.flush().more);
    }
    if (batch >= warmBatches) counted += vehicles
  }
  const reports = zones[1].counts.reportsAccepted.telemetry
  if (reports < counted) throw new Error(`${reports} of ${counted} reports were accepted`)
  return ((cpuMicros[1]! - cpuMicros[0]!) * 1_000) / counted
}

serveCommands({
  sink: () => sink,
  run: ({ durationS }: { durationS: number }) => (method === 'zone' ? timeReports(durationS) : timeAsking(durationS)),
})
