// What an edge node is made of, what it starts and what it stops: read it top to bottom.
import { randomInt } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKeyFile, createTokenVerifier, type PeerCredentials } from '@outrider/identity'
import { outrider } from '@outrider/protocol'
import { createHealthServer, createLifecycle, createMetrics, type Lifecycle, type Log, readiness } from '@outrider/service'
import { nodeClock, nodeFiles } from '@outrider/spool'
import type { Handed } from '@outrider/uplink'
import { createZone } from '@outrider/zone'
import { createNeighbours, groundOf, type ZoneFile } from '@outrider/zone-table'
import { admitAnybody, admitByToken } from './admission.js'
import { createCorrectedClock } from './corrected-clock.js'
import { edgeDetails } from './edge-details.js'
import { observeEdge } from './edge-metrics.js'
import { createEdgeServer } from './edge-server.js'
import { createHandOver } from './hand-over.js'
import { createLearnedFile } from './learned-file.js'
import { observeLeadTimes } from './ledger-metrics.js'
import { createPeerLinks } from './peer-links.js'
import { createPeerOpening, createPeerServer } from './peer-streams.js'
import { createPublicPages } from './public-pages.js'
import { createRecordLanes } from './record-lanes.js'
import { createRegionLink } from './region-link.js'
import { rehearse } from './rehearsal.js'
import { reopenDeliveries } from './reopen-deliveries.js'
import { createRequestLimits } from './request-limits.js'
import { createRevisionDesk } from './revision-desk.js'
import type { EdgeSettings } from './settings.js'
import { createTurns } from './turns.js'
import { createUplinkLanes } from './uplink-lanes.js'
import { createVehicleDoor } from './vehicle-door.js'
import { createVehicleLinks } from './vehicle-links.js'
import { createVehicleSockets } from './vehicle-sockets.js'

export interface EdgeParts {
  readonly settings: EdgeSettings
  readonly log: Log
  /** What the node shows to its region and to other nodes; undefined in development without keys, or if it is linked with none. */
  readonly tls: PeerCredentials | undefined
  /** Loaded. */
  readonly zoneFile: ZoneFile
  /** Told once, when all listens. */
  readonly onReady: (ports: { readonly publicPort: number; readonly adminPort: number; readonly peerPort?: number }) => void
}

const mib = 1024 * 1024
/** All of the stop list beside the drain; Kubernetes gives 30 s, Ctrl-C is expected to take 5. */
const stopWithinMs = 3_500
/** What came last usually goes to the region within this; else it waits on disk. */
const uplinkGraceMs = 500
/** Addresses whose rate is remembered, 1.5 MB. */
const addressesMax = 10_000
const insecureWarning = 'OUTRIDER_INSECURE=1: no keys, anybody who reaches this port is a vehicle; for development only'

export function composeEdge({ settings, log, tls, zoneFile, onReady }: EdgeParts): Lifecycle {
  const { name: node, authority, dataFolder, insecure, origins } = settings
  const clock = createCorrectedClock({ monotonicMs: () => performance.now(), rawWallMs: () => Date.now() })
  const { monotonicMs, wallMs } = clock
  const boot = randomInt(2 ** 32)
  const zones = zoneFile.current
  const neighbours = createNeighbours(zones, node)
  let phase: 'starting' | 'open' | 'stopping' = 'starting'

  const lanes = createRecordLanes({
    dataFolder,
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    capBytes: settings.spoolMib * mib,
    onEvent: (lane, event) => (event.event === 'log_failed' ? log.error : log.info)(event.event, { ...event, event: undefined, lane }),
    onBroken: (lane, cause) => log.error('log_unusable', { lane, cause }),
  })
  const keys =
    settings.keyFile === undefined
      ? undefined
      : createKeyFile({
          path: settings.keyFile,
          files: { readFile, stat },
          nowMs: wallMs,
          onEvent: ({ event, ...fields }) => log.info(event, fields),
        })
  const limits = createRequestLimits({
    monotonicMs,
    all: { perSecond: settings.handshakesPerSecond, burst: settings.handshakesPerSecond },
    perAddress: { perSecond: settings.handshakesPerSecondAddress, burst: 2 * settings.handshakesPerSecondAddress },
    addressesMax,
  })
  const door = createVehicleDoor({
    origins,
    limits,
    admit: keys === undefined ? admitAnybody(authority, wallMs) : admitByToken(createTokenVerifier({ keys, authority, nowMs: wallMs })),
    isOpen: () => phase === 'open',
    onFault: cause => log.error('handshake_failed', { cause }),
  })

  const metrics = createMetrics({ app: 'edge', instance: node })
  const sockets = createVehicleSockets()
  const peerLinks =
    settings.peerPort === undefined
      ? undefined
      : createPeerLinks({
          node,
          zoneName: zones().node(node)!.zone!,
          boot,
          authority,
          openLink: createPeerOpening({ tls, authority }),
          zones,
          time: { monotonicMs, wallMs, schedule: nodeClock.schedule },
          random: Math.random,
          zone: () => zone,
          handOver: () => handOver,
          status: () => ({ ready: phase === 'open' && lanes.health().ok, vehicles: sockets.size }),
          nextTurn: call => void setImmediate(call),
          onTaken: () => turns.wake(),
          onZoneTable: table => void zoneFile.offer(table),
          onEvent: ({ event, ...fields }) => (event === 'peer_opened' || event === 'peer_heard' ? log.info : log.warn)(event, fields),
        })
  const peerServer =
    peerLinks && createPeerServer({ host: settings.peerHost, port: settings.peerPort ?? 0, tls, authority, accept: peerLinks.accept })
  const zone = createZone({
    node,
    zone: zones().node(node)!.zone!,
    authority,
    boot,
    ground: groundOf(zones(), node)!,
    clock,
    sockets,
    lanes: lanes.spools,
    neighbours,
    ...(peerLinks === undefined ? {} : { peers: peerLinks.peers }),
    policy: { vehiclesMax: settings.vehiclesMax },
    onArrival: observeLeadTimes(metrics),
  })
  const turns = createTurns({
    zone,
    monotonicMs,
    messagesPerSecond: settings.messagesPerSecond,
    onTick() {
      links.watch()
      uplink.look()
      peerLinks?.look()
      clock.correct(uplink.clockOffset())
    },
    onOverload: level => log.warn('overload_changed', { level }),
  })
  const links = createVehicleLinks({
    zone,
    sockets,
    turns,
    monotonicMs,
    messages: { perSecond: settings.messagesPerSecondVehicle, burst: 10 * settings.messagesPerSecondVehicle },
    frameWithinMs: settings.frameWithinMs,
    idleMs: settings.idleMs,
  })

  const learned = createLearnedFile({
    path: path.join(dataFolder, 'usual-traffic.bin'),
    zone,
    files: { readFile, writeFile, rename },
    monotonicMs,
    schedule: nodeClock.schedule,
    onEvent({ event, ...fields }) {
      const isWrong = event === 'learned_failed' || event === 'learned_refused'
      ;(isWrong ? log.warn : event === 'learned_saved' ? log.debug : log.info)(event, fields)
    },
  })

  const handOver = createHandOver({ zone, monotonicMs, nextTurn: call => void setImmediate(call), onTaken: turns.wake })
  const revisions = createRevisionDesk({
    zone,
    monotonicMs,
    whenRecorded: () => lanes.spools.urgent.whenSynced(lanes.spools.urgent.appendedThrough),
    onWritten: turns.wake,
  })
  const uplink = createUplinkLanes({
    node,
    zone: zones().node(node)!.zone!,
    boot,
    records: lanes,
    openLink: settings.region === undefined ? undefined : createRegionLink({ address: settings.region, tls, authority }),
    time: { wallMs, rawWallMs: () => Date.now(), monotonicMs, schedule: nodeClock.schedule },
    random: Math.random,
    onHanded: takeHanded,
    onEvent: (lane, { event, ...fields }, isNews) =>
      (!isNews ? log.debug : event === 'uplink_opened' ? log.info : log.warn)(event, { lane, ...fields }),
  })

  /** What the region hands down. */
  function takeHanded(handed: Handed): void {
    if (handed.kind === 'alert') handOver.takeAlert(handed.alert)
    else if (handed.kind === 'end') handOver.takeEnd(handed.end)
    else if (handed.kind === 'zoneTable') void zoneFile.offer(handed.zoneTable)
    else if (handed.kind === 'policy') log.warn('policy_ignored', { policy: handed.policy.name, version: handed.policy.version })
    else if (handed.kind === 'request') setImmediate(() => void answer(handed.request))
  }

  async function answer(request: Parameters<typeof revisions.answer>[0]): Promise<void> {
    const reply = await revisions.answer(request)
    // Unanswered, the region asks again, or tells its caller to.
    if (reply === undefined || !uplink.reply(reply)) log.warn('revision_unanswered', { requestId: request.requestId })
  }

  const warnings = insecure ? [insecureWarning] : []
  const checks = {
    serving: () => ({ ok: phase === 'open', detail: phase }),
    records: lanes.health,
    keys: () => ({ ok: true, detail: keys?.state().status ?? 'none' }),
    zones: () => ({ ok: true, detail: zoneFile.problems().join('; ') || `version ${zones().table.version}` }),
    overload: () => ({ ok: true, detail: `level ${turns.overload}` }),
    uplink: uplink.health,
    peers: () => peerLinks?.health() ?? { ok: true, detail: 'none: OUTRIDER_EDGE_PEER_PORT is unset' },
    clock: clock.health,
  }
  const pages = createPublicPages({
    node,
    zones,
    neighbours,
    inOrder: nodes => peerLinks?.inOrder(nodes) ?? nodes,
    readiness: () => readiness(checks, warnings),
    limits,
    origins,
  })
  const server = createEdgeServer({ host: settings.host, port: settings.port, door, links, pages, silenceMs: 2 * settings.frameWithinMs })
  observeEdge(metrics, { zone, sockets, links, door, turns, lanes, uplink, handOver, peerLinks, clock })
  const admin = createHealthServer({
    host: settings.adminHost,
    port: settings.adminPort,
    checks,
    warnings,
    metrics,
    details: { '/details': () => edgeDetails(zone) },
  })

  /** Vehicles are asked to go and given the time to; who is still there then is closed. */
  async function drain(): Promise<void> {
    const target = outrider.v1.ReconnectTarget.RECONNECT_TARGET_NEIGHBOUR
    zone.drain({ allowed: true, target, afterMs: Math.floor(settings.drainMs / 2) }, settings.drainMs)
    while (zone.flush().more);
    await Promise.race([sockets.empty(), sleep(settings.drainMs)])
  }

  let publicPort = 0
  let adminPort = 0
  let peerPort: number | undefined
  return createLifecycle({
    stopWithinMs: stopWithinMs + settings.drainMs,
    onEvent: ({ event, ...fields }) => (event === 'step_done' ? log.debug(event, fields) : log.error(event, fields)),
    start: [
      { name: 'warn', run: () => void (insecure && log.warn('running_insecure', { warning: insecureWarning })) },
      { name: 'rehearsal', run: rehearse },
      { name: 'keys', run: async () => void (await keys?.start()) },
      { name: 'records', run: lanes.start },
      { name: 'learned', run: learned.start },
      {
        name: 'open deliveries',
        async run() {
          const reopened = await reopenDeliveries(zone, lanes.spools.urgent, cause => log.error('records_unreadable', { cause }))
          if (reopened.records > 0) log.info('deliveries_reopened', { ...reopened })
        },
      },
      { name: 'zones', run: zoneFile.watch },
      { name: 'uplink', run: uplink.start },
      { name: 'turns', run: turns.start },
      {
        name: 'peers',
        async run() {
          peerPort = await peerServer?.start()
          peerLinks?.start()
        },
      },
      {
        name: 'admin',
        async run() {
          adminPort = await admin.start()
        },
      },
      {
        name: 'public',
        async run() {
          phase = 'open'
          publicPort = await server.start()
        },
      },
      { name: 'ready', run: () => onReady({ publicPort, adminPort, ...(peerPort === undefined ? {} : { peerPort }) }) },
    ],
    stop: [
      {
        name: 'door',
        run() {
          phase = 'stopping'
          server.stopListening()
        },
      },
      { name: 'drain', run: drain },
      { name: 'sessions', run: () => zone.closeAll('draining') },
      { name: 'turns', run: turns.stop },
      { name: 'learned', run: learned.stop },
      {
        name: 'peers',
        async run() {
          peerLinks?.stop()
          await peerServer?.stop()
        },
      },
      { name: 'uplink', run: () => uplink.stop(uplinkGraceMs) },
      { name: 'records', run: lanes.stop },
      { name: 'public', run: server.stop },
      { name: 'zones', run: zoneFile.stop },
      { name: 'keys', run: async () => void (await keys?.stop()) },
      { name: 'admin', run: admin.stop },
    ],
  })
}
