/*
 * The vehicles of a recording, each with a session of its own as it would have at an edge node: hello before its first report, alerts
 * acknowledged as shown when the turn ends, closed when it has been silent for as long as a node waits, and greeted anew with what it holds
 * if it comes back. What a vehicle is sent is told to `onDelivery`.
 */
import { decodeFrame, encodeFrame, formatAlertKey, outrider } from '@outrider/protocol'
import type { TrafficSample } from '@outrider/traffic'
import type { Zone } from '@outrider/zone'
import { encodeSample, isUrgent } from './sample-report.js'

const { DeliveryStage, EndScope } = outrider.v1

/** A link without a frame for so long is half-open (docs/edge.md): a vehicle that is not in the recording any more answers no ping. */
const silentMsMax = 20_000
/** What a hello may say (frame.proto, Hello.held). Above, the alert known longest is forgotten. */
const heldMax = 256
/** A vehicle is remembered for twice as long as a zone remembers who is gone. */
const forgottenMs = 240_000
const sdkStart = 1
/** What every replay's tokens would say: no replay outlives them. */
const expiresAtMs = Number.MAX_SAFE_INTEGER
const linkDay = 0

type Alert = outrider.v1.Alert.$Properties

/** What a vehicle knows of an alert. */
interface KnownAlert {
  readonly alert: Alert
  isHeld: boolean
}

/** A vehicle of the recording: its last sample, and its session if it has one. */
interface RecordedVehicle {
  readonly name: string
  /** -1 = not connected. */
  row: number
  last: TrafficSample
  heardAtMs: number
  reports: number
  readonly known: Map<string, KnownAlert>
}

/** An alert, or an end of one, on its way to a vehicle. */
export interface Delivery {
  readonly kind: 'new' | 'update' | 'end' | 'gone'
  readonly vehicle: RecordedVehicle
  readonly alertKey: string
  /** As the vehicle has it now; of an end the last one it had. */
  readonly alert: Alert
  readonly timeToHazardMs: number | undefined
  /** Wire Priority; 0 = an end has none. */
  readonly priority: number
}

export interface RecordedVehiclesOptions {
  readonly zone: () => Pick<Zone, 'open' | 'receive' | 'closed'>
  readonly monotonicMs: () => number
  readonly wallMs: () => number
  readonly onDelivery: (delivery: Delivery) => void
}

export interface RecordedVehicles {
  /** A vehicle's sample at its time. False if the zone has no room for the vehicle. */
  report(sample: TrafficSample): boolean
  /** A frame that the zone sent to a row. */
  onFrame(row: number, frame: Uint8Array | string): void
  /** The zone closed a row. */
  onClose(row: number, code: number): void
  /** Acknowledges what came since the last call: another turn, as a vehicle's answer is. */
  answer(): void
  /** Closes who is silent. Call with each tick. */
  closeSilent(): void
  /** Frames by close code of sessions that the zone closed. */
  readonly closes: Readonly<Record<number, number>>
  /** Of the vehicle, if it is connected. */
  rowOf(name: string): number | undefined
  /** Sum over vehicles of the time between their samples, s; gaps in which they had left are not counted. */
  readonly presentS: number
}

export function createRecordedVehicles({ zone, monotonicMs, wallMs, onDelivery }: RecordedVehiclesOptions): RecordedVehicles {
  /** All that are connected, and those that left not long ago. */
  const vehicles = new Map<string, RecordedVehicle>()
  const byRow = new Map<number, RecordedVehicle>()
  const unanswered: { readonly vehicle: RecordedVehicle; readonly alert: Alert }[] = []
  const closes: Record<number, number> = {}
  let presentS = 0

  function connect(vehicle: RecordedVehicle): boolean {
    const { name, last } = vehicle
    const opened = zone().open(
      {
        authority: 'evaluate',
        pseudonym: name,
        role: last.role === undefined || last.role === 'uvar' ? 'default' : last.role,
        links: [{ day: linkDay, link: last.enrolment }],
        issuedAtMs: 0,
        validFromMs: 0,
        expiresAtMs,
        keyId: 'evaluate',
      },
      false,
    )
    if ('refused' in opened) return false
    vehicle.row = opened.row
    byRow.set(opened.row, vehicle)
    const held = [...vehicle.known.values()].flatMap(({ alert, isHeld }) =>
      isHeld ? [{ alertId: alert.id!, revision: alert.revision ?? 1 }] : [],
    )
    zone().receive(opened.row, encodeFrame('hello', { sdkStart, vehicleTimeMs: wallMs(), held }), false)
    return vehicle.row >= 0
  }

  function disconnect(vehicle: RecordedVehicle): void {
    byRow.delete(vehicle.row)
    vehicle.row = -1
  }

  function take(vehicle: RecordedVehicle, { alert, timeToHazardMs, priority }: outrider.v1.AlertPush.$Properties): void {
    const key = formatAlertKey(alert!.id!)
    const kind = vehicle.known.has(key) ? 'update' : 'new'
    vehicle.known.set(key, { alert: alert!, isHeld: true })
    if (vehicle.known.size > heldMax) vehicle.known.delete(vehicle.known.keys().next().value!)
    unanswered.push({ vehicle, alert: alert! })
    onDelivery({ kind, vehicle, alertKey: key, alert: alert!, timeToHazardMs: timeToHazardMs ?? undefined, priority: priority ?? 0 })
  }

  function takeEnd(vehicle: RecordedVehicle, { alertId, scope }: outrider.v1.EndPush.$Properties): void {
    const key = formatAlertKey(alertId!)
    const known = vehicle.known.get(key)
    if (known === undefined) return
    known.isHeld = false
    const kind = scope === EndScope.END_SCOPE_WITHDRAWN ? 'gone' : 'end'
    onDelivery({ kind, vehicle, alertKey: key, alert: known.alert, timeToHazardMs: undefined, priority: 0 })
  }

  return {
    closes,
    get presentS() {
      return presentS
    },
    rowOf(name) {
      const row = vehicles.get(name)?.row ?? -1
      return row < 0 ? undefined : row
    },
    report(sample) {
      let vehicle = vehicles.get(sample.vehicleId)
      let flagsBefore = vehicle?.last.flags ?? 0
      if (vehicle === undefined) {
        vehicle = { name: sample.vehicleId, row: -1, last: sample, heardAtMs: 0, reports: 0, known: new Map() }
        vehicles.set(sample.vehicleId, vehicle)
      }
      const sinceS = sample.timeS - vehicle.last.timeS
      if (sinceS * 1_000 <= silentMsMax) presentS += sinceS
      vehicle.last = sample
      vehicle.heardAtMs = monotonicMs()
      if (vehicle.row < 0) {
        flagsBefore = 0
        if (!connect(vehicle)) return false
      }
      zone().receive(vehicle.row, encodeSample(sample, ++vehicle.reports, wallMs(), isUrgent(sample, flagsBefore)), false)
      return true
    },
    onFrame(row, bytes) {
      const vehicle = byRow.get(row)
      if (vehicle === undefined || typeof bytes === 'string') throw new Error(`a frame for row ${row}, which has no binary socket`)
      const frame = decodeFrame(bytes)
      if (frame.kind !== 'frame') throw new Error(`the zone sent a frame that cannot be read: ${frame.kind}`)
      if (frame.type === 'alert') take(vehicle, frame.message)
      else if (frame.type === 'end') takeEnd(vehicle, frame.message)
    },
    onClose(row, code) {
      closes[code] = (closes[code] ?? 0) + 1
      const vehicle = byRow.get(row)
      if (vehicle !== undefined) disconnect(vehicle)
    },
    answer() {
      for (const { vehicle, alert } of unanswered.splice(0)) {
        if (vehicle.row < 0) continue
        const stages = [DeliveryStage.DELIVERY_STAGE_RECEIVED, DeliveryStage.DELIVERY_STAGE_TAKEN, DeliveryStage.DELIVERY_STAGE_SHOWN]
        const entries = stages.map(stage => ({ alertId: alert.id!, revision: alert.revision ?? 1, stage, timeMs: wallMs() }))
        zone().receive(vehicle.row, encodeFrame('deliveryAck', { entries }), false)
      }
    },
    closeSilent() {
      const nowMs = monotonicMs()
      for (const vehicle of vehicles.values()) {
        const silentMs = nowMs - vehicle.heardAtMs
        if (silentMs < silentMsMax) continue
        if (vehicle.row >= 0) {
          zone().closed(vehicle.row)
          disconnect(vehicle)
        } else if (silentMs > forgottenMs) vehicles.delete(vehicle.name)
      }
    },
  }
}
