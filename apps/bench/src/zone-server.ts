// The zone as a node has it, logs on disk included, on bare sockets: what it takes to warn everybody, and a bare loop over the very same sockets.

import { App, type us_listen_socket, us_listen_socket_close, us_socket_local_port, type WebSocket } from 'uWebSockets.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { VehicleIdentity } from '@outrider/identity'
import { outrider } from '@outrider/protocol'
import { createSpool, nodeClock, nodeFiles } from '@outrider/spool'
import { createZone, type ZoneSockets } from '@outrider/zone'
import { makeAlert } from './bare/payload.js'
import { serveCommands, workerOptions } from './worker.js'

export interface ZoneServerOptions {
  readonly vehicles: number
  readonly latitudeE7: number
  readonly longitudeE7: number
  /** Where the hazard is: metres north of that. */
  readonly hazardNorthM: number
}

/** From the decision to the last write, ms and µs of CPU; and to the last of the tenth that is nearest to the hazard. */
export interface Push {
  readonly allMs: number
  readonly tenthMs: number
  readonly cpuMicros: number
  readonly sends: number
}

const { AlertStatus, EndReason, IssuerRole, Priority, TrafficDirection } = outrider.v1
const { vehicles, latitudeE7, longitudeE7, hazardNorthM } = workerOptions<ZoneServerOptions>()
const northE7PerM = 1e7 / 111_195.08
const hazard = { latitudeE7: Math.round(latitudeE7 + hazardNorthM * northE7PerM), longitudeE7 }
const rowsMax = Math.max(vehicles, 16)

const sockets: (WebSocket<{ row: number }> | undefined)[] = []
/** When each row was last written to, ms; read by the clock once in so many writes. */
const writtenAtMs = new Float64Array(rowsMax)
const clockEvery = 64
let writes = 0
let writeMs = 0
let notSent = 0

function write(row: number, bytes: Uint8Array): 0 | 1 | 2 {
  const result = sockets[row]!.send(bytes, true) as 0 | 1 | 2
  if (result !== 1) notSent++
  if (writes++ % clockEvery === 0) writeMs = performance.now()
  writtenAtMs[row] = writeMs
  return result
}

const port: ZoneSockets = {
  bufferedBytes: row => sockets[row]?.getBufferedAmount() ?? 0,
  send: write,
  sendText: () => 2,
  cork: (row, writeAll) => void sockets[row]!.cork(writeAll),
  close(row) {
    const socket = sockets[row]
    sockets[row] = undefined
    socket?.end(4_000)
  },
}

const folder = mkdtempSync(path.join(tmpdir(), 'outrider-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

async function createLane(name: string) {
  const spool = createSpool({ folder: path.join(folder, name), files: nodeFiles, clock: nodeClock, randomUint32: () => 1 })
  await spool.start()
  return spool
}

const zone = createZone({
  node: 'bench',
  zone: 'bench',
  authority: 'bench',
  boot: 1,
  ground: { latitudeDeg: latitudeE7 / 1e7, longitudeDeg: longitudeE7 / 1e7, eastM: 10_000, northM: 10_000 },
  clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now(), wallOffsetMs: () => 0 },
  sockets: port,
  lanes: { urgent: await createLane('urgent'), telemetry: await createLane('telemetry') },
  policy: { vehiclesMax: rowsMax },
})

let isDue = false
function wake(): void {
  if (isDue) return
  isDue = true
  setImmediate(() => {
    isDue = false
    if (zone.flush().more) wake()
  })
}
setInterval(() => {
  zone.tick()
  wake()
}, 500)

function identityOf(index: number): VehicleIdentity {
  const name = `vehicle-${index}`
  const times = { issuedAtMs: 0, validFromMs: 0, expiresAtMs: Number.MAX_SAFE_INTEGER }
  return { authority: 'bench', pseudonym: name, role: 'default', links: [{ day: 0, link: name }], ...times, keyId: 'bench' }
}

let opened = 0
const app = App().ws<{ row: number }>('/*', {
  compression: 0,
  maxPayloadLength: 16 * 1024,
  idleTimeout: 120,
  upgrade(response, request, context) {
    const key = request.getHeader('sec-websocket-key')
    response.upgrade({ row: -1 }, key, request.getHeader('sec-websocket-protocol'), '', context)
  },
  open(socket) {
    const outcome = zone.open(identityOf(opened++), false)
    if ('refused' in outcome) throw new Error(`a vehicle was refused: ${outcome.refused}`)
    socket.getUserData().row = outcome.row
    sockets[outcome.row] = socket
  },
  message(socket, message) {
    zone.receive(socket.getUserData().row, new Uint8Array(message), false)
    wake()
  },
  close(socket) {
    const { row } = socket.getUserData()
    if (sockets[row] !== socket) return
    sockets[row] = undefined
    zone.closed(row)
  },
})

/** Far enough for all of them, told to each by its own time to the hazard. */
const draft = {
  content: {
    status: AlertStatus.ALERT_STATUS_ACTUAL,
    cause: { code: 94 },
    eventPosition: hazard,
    area: { circle: { center: hazard, radiusCm: 2_500 } },
    awarenessDistanceM: 10_000,
    trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_ALL,
    priority: Priority.PRIORITY_WARNING,
    issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
  },
  validityMs: 600_000,
  renewable: false,
}

/** Rows from the nearest to the hazard on. */
function nearestRows(): number[] {
  const rows = [...sockets.keys()].filter(row => sockets[row] !== undefined)
  const awayE7 = (row: number) => {
    const at = zone.view(row, 1)?.samples[0]
    if (at === undefined) throw new Error(`row ${row} never said where it is`)
    const eastE7 = (at.longitudeDeg * 1e7 - hazard.longitudeE7) * Math.cos((latitudeE7 * 1e-7 * Math.PI) / 180)
    return Math.hypot(eastE7, at.latitudeDeg * 1e7 - hazard.latitudeE7)
  }
  const away = new Map(rows.map(row => [row, awayE7(row)]))
  return rows.sort((a, b) => away.get(a)! - away.get(b)!)
}

/** In one go, so that nothing else is measured. @param first those of whom the last write is asked for */
function measure(first: readonly number[], push: () => void): Push {
  const sendsBefore = writes
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  push()
  const allMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpu)
  let tenthMs = 0
  for (const row of first) tenthMs = Math.max(tenthMs, writtenAtMs[row]! - startedMs)
  if (notSent > 0) throw new Error(`${notSent} sends reported backpressure or a drop`)
  return { allMs, tenthMs, cpuMicros: user + system, sends: writes - sendsBefore }
}

let alertKey = ''

serveCommands({
  listen: () =>
    new Promise((resolve, reject) => {
      app.listen('127.0.0.1', 0, (listener: us_listen_socket | false) => {
        if (listener === false) return reject(new Error('cannot listen'))
        process.on('disconnect', () => us_listen_socket_close(listener))
        resolve(us_socket_local_port(listener))
      })
    }),
  /** The same number of bytes to the same sockets, of a frame type that no vehicle knows. */
  pushBare: () => {
    const rows = nearestRows()
    const bytes = makeAlert(0)
    bytes[0] = 0x7f
    return measure(rows.slice(0, Math.ceil(rows.length / 10)), () => {
      for (const row of rows) write(row, bytes)
    })
  },
  pushZone: () => {
    const rows = nearestRows()
    return measure(rows.slice(0, Math.ceil(rows.length / 10)), () => {
      const outcome = zone.issue(draft)
      if (outcome.outcome !== 'changed') throw new Error(`the alert was refused: ${outcome.reason}`)
      alertKey = outcome.changes[0]!.entry.key
      while (zone.flush().more);
    })
  },
  alertKey: () => alertKey,
  acknowledged: () => zone.ledger(alertKey)?.reduce((sum, { acknowledged }) => sum + acknowledged, 0) ?? 0,
  end: () => {
    zone.end(alertKey, { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR })
    while (zone.flush().more);
  },
})
