// The first alert of a process ran code that was never compiled: 17 to 23 ms from report to outbox, 1 ms from the third on (measured, 120
// recipients). So before it serves a node plays the whole path, from a crash's report to the acknowledgements and the end, with vehicles and
// logs in memory. Nothing of it leaves this file.
import type { VehicleIdentity } from '@outrider/identity'
import { decodeFrame, encodeFrame, type FrameContent, flags, frameTypes, outrider } from '@outrider/protocol'
import { createMemoryLane, createMemorySockets, createZone, type Zone } from '@outrider/zone'

/** 64 vehicles, twenty times: by then what runs once per recipient is compiled. Under half a second of CPU. */
const vehicles = 64
const rounds = 20

const latitudeE7 = 535_500_000
const longitudeE7 = 99_900_000
/** 5 m northward. */
const stepE7 = 450

/** Plays. It throws if an alert does not reach all: then the build is broken, and the node must not serve. */
export function rehearse(): void {
  let reached = 0
  for (let round = 0; round < rounds; round++) reached += playCrash(round)
  if (reached !== rounds * (vehicles - 1))
    throw new Error(`the rehearsal of an alert reached ${reached} of ${rounds * (vehicles - 1)} vehicles`)
}

/** Vehicles on one road; the one in front crashes. @returns how many others were told */
function playCrash(round: number): number {
  let nowMs = 1_000
  const wallMs = () => 1_790_000_000_000 + nowMs
  const told = new Set<number>()
  let alert: outrider.v1.Alert.$Properties | null | undefined
  const zone = createZone({
    node: 'rehearsal',
    zone: 'rehearsal',
    authority: 'rehearsal',
    boot: round,
    ground: { latitudeDeg: latitudeE7 / 1e7, longitudeDeg: longitudeE7 / 1e7, eastM: 2_000, northM: 2_000 },
    clock: { monotonicMs: () => nowMs, wallMs, wallOffsetMs: () => 0 },
    sockets: createMemorySockets({
      onFrame(row, bytes) {
        if (typeof bytes === 'string' || bytes[0] !== frameTypes.alert.number) return
        told.add(row)
        const frame = alert === undefined ? decodeFrame(bytes) : undefined
        if (frame?.kind === 'frame' && frame.type === 'alert') alert = frame.message.alert
      },
      onClose: () => {},
    }),
    lanes: { urgent: createMemoryLane(), telemetry: createMemoryLane() },
    policy: { vehiclesMax: vehicles, alertsMax: 16 },
    onStages: () => {},
  })
  const rows = Array.from({ length: vehicles }, (_, index) => join(zone, `vehicle-${index}`, wallMs()))
  for (let number = 1; number <= 3; number++) {
    nowMs += 500
    for (const [index, row] of rows.entries()) send(zone, row, 'telemetry', sampleOf(index, number, wallMs(), []))
    while (zone.flush().more);
  }
  nowMs += 500
  const front = vehicles - 1
  send(zone, rows[front]!, 'urgent', sampleOf(front, 4, wallMs(), [flags.airbag, flags.ecall_auto]))
  while (zone.flush().more);
  const stage = outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN
  const entry = { alertId: alert?.id ?? null, revision: alert?.revision ?? 0, stage, timeMs: wallMs() }
  for (const row of told) send(zone, row, 'deliveryAck', { entries: [entry] })
  nowMs += 500
  zone.tick()
  while (zone.flush().more);
  zone.closeAll('draining')
  told.delete(rows[front]!)
  return told.size
}

function join(zone: Zone, pseudonym: string, wallMs: number): number {
  const identity: VehicleIdentity = {
    authority: 'rehearsal',
    pseudonym,
    role: 'default',
    links: [{ day: Math.floor(wallMs / 86_400_000), link: pseudonym }],
    issuedAtMs: wallMs,
    validFromMs: wallMs,
    expiresAtMs: wallMs + 3_600_000,
    keyId: 'rehearsal',
  }
  const opened = zone.open(identity, false)
  if (!('row' in opened)) throw new Error(`the rehearsal could not open a session: ${opened.refused}`)
  send(zone, opened.row, 'hello', { sdkStart: 1, vehicleTimeMs: wallMs })
  return opened.row
}

/** One behind the other, 5 m apart, northward at 10 m/s. */
function sampleOf(index: number, number: number, timeMs: number, set: readonly number[]): FrameContent<'telemetry'> {
  return {
    number,
    timeMs,
    samples: [{ latitudeE7: latitudeE7 + (index + number) * stepE7, longitudeE7, speedCmps: 1_000, headingDecideg: 0, flags: [...set] }],
  }
}

function send<Name extends 'hello' | 'telemetry' | 'urgent' | 'deliveryAck'>(
  zone: Zone,
  row: number,
  type: Name,
  content: FrameContent<Name>,
): void {
  zone.receive(row, encodeFrame(type, content), false)
}
