// A zone for tests: a clock that is moved by hand, sockets and logs in memory, and vehicles that can be driven, stalled and made to lie.
import type { DetectionPolicy } from '@outrider/detection'
import { createFrame, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import type { VehicleIdentity } from '@outrider/identity'
import {
  decodeFrame,
  decodeJsonFrame,
  encodeFrame,
  encodeJsonFrame,
  type FlagName,
  type FrameContent,
  flags,
  outrider,
} from '@outrider/protocol'
import { createZone } from './create-zone.js'
import { createMemoryLane } from './memory-lane.js'
import { createMemorySockets } from './memory-sockets.js'
import type { ZoneOptions } from './zone.js'
import type { ZonePeers } from './zone-peers.js'
import type { ZonePolicy } from './zone-policy.js'
import type { StageTimes } from './zone-ports.js'

export const origin = { latitudeDeg: 53.55, longitudeDeg: 9.99 }
export const frame = createFrame(origin.latitudeDeg * 1e7, origin.longitudeDeg * 1e7)
const startWallMs = 1_790_000_000_000
const northUnitsPerM = 1e7 / 111_195.08
const eastUnitsPerM = northUnitsPerM / Math.cos((origin.latitudeDeg * Math.PI) / 180)

/** Metres east and north of the origin, as the wire has it. */
export function positionAt(eastM: number, northM: number): { readonly latitudeE7: number; readonly longitudeE7: number } {
  return {
    latitudeE7: toLatitudeE7(frame, Math.round(northM * northUnitsPerM)),
    longitudeE7: toLongitudeE7(frame, Math.round(eastM * eastUnitsPerM)),
  }
}

export function identityOf(name: string, enrolment: string = name, role: VehicleIdentity['role'] = 'default'): VehicleIdentity {
  const links = [{ day: 20_717, link: `link of ${enrolment}` }]
  const expiresAtMs = startWallMs + 3_600_000
  return { authority: 'test', pseudonym: name, role, links, issuedAtMs: 0, validFromMs: 0, expiresAtMs, keyId: 'k' }
}

export interface Motion {
  readonly eastM: number
  readonly northM: number
  readonly speedMps?: number
  readonly headingDeg?: number
  readonly flags?: readonly FlagName[]
  readonly observations?: readonly outrider.v1.Observation.$Properties[]
  readonly verdicts?: readonly outrider.v1.Verdict.$Properties[]
}

type Decoded = ReturnType<typeof decodeFrame>
/** Frames of one type that a vehicle got. */
type Message<Type extends string> =
  Extract<Decoded, { readonly kind: 'frame'; readonly type: Type }> extends { readonly message: infer M } ? M : never

export class TestVehicle {
  readonly name: string
  readonly zone: ReturnType<typeof createTestZone>
  readonly json: boolean
  row = -1
  closedWith: number | undefined
  number = 0
  /** What it got, in order. */
  readonly got: Extract<Decoded, { readonly kind: 'frame' }>[] = []
  /** Acknowledges alerts as taken when they come. */
  answers = true

  constructor(name: string, zone: ReturnType<typeof createTestZone>, json: boolean) {
    this.name = name
    this.zone = zone
    this.json = json
  }

  connect(hello: outrider.v1.Hello.$Properties = {}, enrolment: string = this.name, role: VehicleIdentity['role'] = 'default'): this {
    const opened = this.zone.core.open(identityOf(this.name, enrolment, role), this.json)
    if ('refused' in opened) throw new Error(`refused: ${opened.refused}`)
    this.row = opened.row
    this.closedWith = undefined
    this.zone.vehicles.set(this.row, this)
    this.send('hello', { sdkStart: 7, vehicleTimeMs: this.zone.wallMs(), ...hello })
    return this
  }

  send<Type extends Parameters<typeof encodeFrame>[0]>(type: Type, content: FrameContent<Type>): void {
    if (this.json) this.zone.core.receive(this.row, new TextEncoder().encode(encodeJsonFrame(type, content)), true)
    else this.zone.core.receive(this.row, encodeFrame(type, content), false)
  }

  report(motion: Motion, more: Partial<outrider.v1.Report.$Properties> = {}): void {
    const isUrgent = (motion.flags ?? []).length > 0 || (motion.observations ?? []).length > 0 || (motion.verdicts ?? []).length > 0
    this.send(isUrgent ? 'urgent' : 'telemetry', { ...this.reportOf(motion), ...more })
  }

  reportOf({
    eastM,
    northM,
    speedMps,
    headingDeg,
    flags: names = [],
    observations = [],
    verdicts = [],
  }: Motion): outrider.v1.Report.$Properties {
    return {
      number: ++this.number,
      timeMs: this.zone.wallMs(),
      verdicts: [...verdicts],
      samples: [
        {
          ...positionAt(eastM, northM),
          ...(speedMps === undefined ? {} : { speedCmps: Math.round(speedMps * 100) }),
          ...(headingDeg === undefined ? {} : { headingDecideg: Math.round(headingDeg * 10) % 3_600 }),
          flags: names.map(name => flags[name]),
          observations: [...observations],
        },
      ],
    }
  }

  gotten<Type extends string>(type: Type): Message<Type>[] {
    return this.got.filter(({ type: name }) => name === type).map(({ message }) => message as Message<Type>)
  }

  /** Alerts it was told of, as `cause/subCause rRevision`. */
  alerts(): string[] {
    return this.gotten('alert').map(({ alert }) => `${alert?.cause?.code}/${alert?.cause?.subCause ?? 0} r${alert?.revision}`)
  }
}

export interface TestZoneOptions {
  readonly node?: string
  readonly boot?: number
  readonly peers?: ZonePeers
  readonly policy?: Partial<ZonePolicy>
  readonly detection?: Partial<DetectionPolicy>
  /** False = the logs sync only when told. */
  readonly syncsItself?: boolean
  readonly recordsMax?: number
  readonly onStages?: (times: StageTimes) => void
  readonly onArrival?: ZoneOptions['onArrival']
  /** How much later it is each time a clock is read; 0 = time stands still within a call. */
  readonly readingMs?: number
}

export function createTestZone({
  node = 'node-a',
  boot = 0xb007,
  peers,
  policy = {},
  detection = {},
  syncsItself = true,
  recordsMax,
  onStages,
  onArrival,
  readingMs = 0,
}: TestZoneOptions = {}) {
  let nowMs = 1_000
  const vehicles = new Map<number, TestVehicle>()
  const lanes = { urgent: createMemoryLane(syncsItself, recordsMax), telemetry: createMemoryLane(syncsItself, recordsMax) }
  const sockets = createMemorySockets({
    onFrame(row, sent) {
      const vehicle = vehicles.get(row)
      if (vehicle === undefined) throw new Error(`a frame for row ${row}, which has no socket`)
      const outcome = typeof sent === 'string' ? textFrame(sent) : decodeFrame(sent)
      if (outcome.kind !== 'frame') throw new Error(`unreadable: ${outcome.kind}`)
      vehicle.got.push(outcome)
      if (outcome.type === 'alert' && vehicle.answers) unanswered.push([vehicle, outcome.message])
    },
    onClose(row, code) {
      const vehicle = vehicles.get(row)
      if (vehicle !== undefined) vehicle.closedWith = code
      vehicles.delete(row)
    },
  })
  const read = (): number => {
    nowMs += readingMs
    return nowMs
  }
  let writes = 0
  let isCorked = false
  const wrote = <Result>(result: Result): Result => {
    if (!isCorked) writes++
    return result
  }
  const unanswered: [TestVehicle, outrider.v1.AlertPush.$Properties][] = []
  const core = createZone({
    node,
    zone: 'altstadt',
    authority: 'test',
    boot,
    ground: { ...origin, eastM: 20_000, northM: 20_000 },
    clock: {
      monotonicMs: () => read(),
      wallMs: () => startWallMs + read(),
      wallOffsetMs: () => 250,
    },
    sockets: {
      ...sockets,
      send: (row, frame) => wrote(sockets.send(row, frame)),
      sendText: (row, frame) => wrote(sockets.sendText(row, frame)),
      cork(row, write) {
        isCorked = true
        sockets.cork(row, write)
        isCorked = false
        wrote(undefined)
      },
    },
    lanes,
    // East of 2 km is another node's.
    ownerOf: (_latitudeE7, longitudeE7) => (longitudeE7 > positionAt(2_000, 0).longitudeE7 ? 'node-b' : 'node-a'),
    policy: { vehiclesMax: 256, alertsMax: 256, ...policy },
    detection,
    ...(peers === undefined ? {} : { peers }),
    ...(onStages === undefined ? {} : { onStages }),
    ...(onArrival === undefined ? {} : { onArrival }),
  })
  return {
    core,
    lanes,
    sockets,
    vehicles,
    /** Writes of the kernel's so far, had the sockets one. */
    writes: () => writes,
    nowMs: () => nowMs,
    wallMs: () => startWallMs + nowMs,
    vehicle(name: string, json = false): TestVehicle {
      return new TestVehicle(name, this, json)
    },
    /** One turn of the loop: all that is due goes out, and vehicles answer. */
    turn(): void {
      while (core.flush().more);
      for (const [vehicle, { alert }] of unanswered.splice(0)) {
        if (vehicle.closedWith !== undefined) continue
        for (const stage of [outrider.v1.DeliveryStage.DELIVERY_STAGE_RECEIVED, outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN]) {
          vehicle.send('deliveryAck', {
            entries: [{ alertId: alert!.id!, revision: alert!.revision!, stage, timeMs: startWallMs + nowMs }],
          })
        }
      }
    },
    /** Lets time pass in steps of half a second, ticking. */
    pass(ms: number): void {
      const untilMs = nowMs + ms
      while (nowMs < untilMs) {
        nowMs = Math.min(untilMs, nowMs + 500)
        core.tick()
        this.turn()
      }
    },
    /** Lets the logs' promises come in. */
    synced(): Promise<void> {
      return new Promise(resolve => setImmediate(resolve))
    },
    setNow(ms: number): void {
      nowMs = ms
    },
    /** All records of a lane, decoded. */
    records(lane: 'urgent' | 'telemetry'): outrider.v1.Record[] {
      return lanes[lane].records.map(bytes => outrider.v1.Record.decode(bytes))
    },
  }
}

function textFrame(text: string): Decoded {
  const outcome = decodeJsonFrame(text, 'edge')
  if (outcome.kind !== 'frame') throw new Error(`unreadable text: ${text.slice(0, 100)}`)
  return outcome
}
