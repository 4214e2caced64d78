// What a region is made of, what it starts and what it stops: read it top to bottom.
import { randomInt } from 'node:crypto'
import * as files from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PeerCredentials } from '@outrider/identity'
import { createHealthServer, createLifecycle, createLog, createMetrics, type KafkaSettings, type Lifecycle } from '@outrider/service'
import { createSpool, nodeClock, nodeFiles, type SpoolEvent } from '@outrider/spool'
import { createRegionJournal, createRegionUplink, entryOverheadBytesMax, type JournalEvent, regionUplinkLimits } from '@outrider/uplink'
import { createZoneFile } from '@outrider/zone-table'
import { type AlertBoard, createAlertBoard } from './alert-board.js'
import { createAlertHistory } from './alert-history.js'
import { createAlertService } from './alert-service.js'
import { createAlertWriter } from './alert-writer.js'
import { createDeliveryLedgers } from './delivery-ledgers.js'
import { createDownlink, type Downlink } from './downlink.js'
import { createDrain } from './drain.js'
import { createGrpcServer } from './grpc-server.js'
import { nodeTime } from './node-time.js'
import { createEventLog } from './open-event-log.js'
import { observeRegion } from './region-metrics.js'
import type { RegionSettings } from './settings.js'
import { createZoneService } from './zone-service.js'

export interface RegionParts {
  readonly settings: RegionSettings
  readonly kafka: KafkaSettings
  /** Undefined: OUTRIDER_INSECURE=1. */
  readonly tls: PeerCredentials | undefined
  /** Told once, when all listens. */
  readonly onReady: (ports: { readonly grpcPort: number; readonly adminPort: number }) => void
}

const mib = 1024 * 1024
const tickMs = 200
/** Ledgers are summed up and forgotten after minutes and hours. */
const ledgerTickMs = 60_000
/** All of the stop list together; Kubernetes gives 30 s, Ctrl-C is expected to take 5. */
const stopWithinMs = 4_500
/** What came last usually goes to the event log within this; else it waits on disk. */
const drainGraceMs = 1_500
const insecureWarning = 'OUTRIDER_INSECURE=1: no keys, anybody who reaches this port may issue and end alerts; for development only'

export function composeRegion({ settings, kafka, tls, onReady }: RegionParts): Lifecycle {
  const { name: region, authority, dataFolder } = settings
  const time = nodeTime
  const random = () => randomInt(2 ** 32)
  const log = createLog({ app: 'region', instance: region, level: settings.logLevel })
  const report = ({ event, ...fields }: { readonly event: string }) => log.info(event, fields)
  const complain = ({ event, ...fields }: { readonly event: string }) => log.warn(event, fields)

  const spoolOf = (folder: string, limits: Parameters<typeof createSpool>[0]['limits']) =>
    createSpool({
      folder: path.join(dataFolder, folder),
      files: nodeFiles,
      clock: nodeClock,
      randomUint32: random,
      retain: 'until-drained',
      ...(limits && { limits }),
      onEvent: (event: SpoolEvent) => log.info(event.event, { ...event, event: undefined, spool: folder }),
    })
  const recordBytesMax = regionUplinkLimits.recordBytesMax + entryOverheadBytesMax
  const inbox = spoolOf('log', { recordBytesMax, capBytes: settings.spoolMib * mib, pendingBytesMax: 16 * mib, segmentBytes: 16 * mib })
  // A checkpoint's parts are small, but a log with many holes is one of them.
  const checkpoints = spoolOf('checkpoints', {
    recordBytesMax: 4 * mib,
    segmentBytes: 8 * mib,
    capBytes: 256 * mib,
    pendingBytesMax: 16 * mib,
  })

  const zoneFile = createZoneFile({
    path: settings.zoneFile,
    files,
    onEvent: event => (event.event === 'zone_table_refused' ? complain(event) : report(event)),
    onChange: () => downlink.onZones(),
  })
  const zones = zoneFile.current
  const history = createAlertHistory(random().toString(36))
  const ledgers = createDeliveryLedgers({ startedAtMs: time.wallMs() })
  const board = createAlertBoard({
    region,
    boot: random(),
    time,
    onChange(change) {
      history.add(change)
      downlink.onChange(change)
    },
    onOther({ delivery, gap, recordedTimeMs }, node) {
      if (delivery != null) ledgers.add(node, delivery)
      else if (gap != null) ledgers.lost(recordedTimeMs)
    },
  })
  const downlink: Downlink = createDownlink({ board, zones, schedule: time.schedule })
  const journal = createRegionJournal({
    region,
    authority,
    log: inbox,
    checkpoints,
    state: { apply: board.apply, store, restore },
    time,
    onEvent: onJournal,
  })
  const eventLogFolder = settings.eventLogFolder ?? path.join(dataFolder, 'event-log')
  const eventLog = createEventLog({ kafka, folder: eventLogFolder, writer: region, randomUint32: random, onEvent: complain })
  const drain = createDrain({ journal, eventLog, time, onEvent: complain })
  const whenKept = settings.acknowledge === 'kafka' ? drain.whenDrained : journal.whenDurable
  const uplink = createRegionUplink({ region, journal, whenKept, time, onEvent: report, ...downlink })
  const writer = createAlertWriter({ region, authority, boot: random(), board, journal, whenKept, askOrigin: downlink.ask })
  const alerts = createAlertService({ board, history, writer, ledgers, zones, schedule: time.schedule })
  const grpc = createGrpcServer({
    host: settings.host,
    port: settings.port,
    tls,
    authority,
    protoFolder: fileURLToPath(new URL('../../../proto', import.meta.url)),
    uplink,
    alerts,
    zones: createZoneService({ zones, isAlive: downlink.isConnected }),
    onFault: (method, cause) => log.error('call_failed', { method, cause }),
  })

  const metrics = createMetrics({ app: 'region', instance: region })
  observeRegion(metrics, { journal, uplink, drain, board, ledgers, downlink, grpc })
  const admin = createHealthServer({
    host: settings.adminHost,
    port: settings.adminPort,
    metrics,
    warnings: tls === undefined ? [insecureWarning] : [],
    checks: {
      log: () => ({ ok: journal.refusing === undefined, detail: journal.refusing ?? `${journal.heldBytes} bytes held` }),
      // Records wait on disk meanwhile: degraded, and still the right place to send them to.
      eventLog: () => ({ ok: true, detail: drain.problem ?? `${journal.appendedThrough - journal.drainedThrough} entries wait` }),
      zones: () => ({ ok: true, detail: zoneFile.problems().join('; ') || 'in use as it lies there' }),
    },
  })

  /** What a checkpoint holds: the board's items, then the ledgers'. Each takes its own when they are put back. */
  function store(): Uint8Array[] {
    return [...board.store(), ...ledgers.store()]
  }
  function restore(item: Uint8Array): void {
    board.restore(item)
    ledgers.restore(item)
  }
  function onJournal({ event, ...fields }: JournalEvent): void {
    // Steps of deliveries went with the entries.
    if (event === 'journal_damaged') ledgers.lost(time.wallMs())
    log.info(event, fields)
  }
  function tickLedgers(): void {
    ledgers.tick(key => stateOn(board, key), time.wallMs())
  }

  let ticking: NodeJS.Timeout | undefined
  let tickingLedgers: NodeJS.Timeout | undefined
  let grpcPort = 0
  let adminPort = 0
  return createLifecycle({
    stopWithinMs,
    onEvent: ({ event, ...fields }) => (event === 'step_done' ? log.debug(event, fields) : log.error(event, fields)),
    start: [
      { name: 'warn', run: () => void (tls === undefined && log.warn('running_insecure', { warning: insecureWarning })) },
      { name: 'zones', run: zoneFile.load },
      { name: 'zone watch', run: zoneFile.watch },
      { name: 'journal', run: async () => void (await journal.start()) },
      {
        name: 'tick',
        run() {
          ticking = setInterval(board.tick, tickMs)
          tickingLedgers = setInterval(tickLedgers, ledgerTickMs)
        },
      },
      { name: 'drain', run: drain.start },
      {
        name: 'admin',
        async run() {
          adminPort = await admin.start()
        },
      },
      {
        name: 'grpc',
        async run() {
          grpcPort = await grpc.start()
          grpc.setServing(true)
        },
      },
      { name: 'ready', run: () => onReady({ grpcPort, adminPort }) },
    ],
    stop: [
      { name: 'serving', run: () => grpc.setServing(false) },
      { name: 'uplink', run: () => uplink.stop() },
      { name: 'grpc', run: () => grpc.stop(1_000) },
      { name: 'drain', run: () => drain.stop(drainGraceMs) },
      { name: 'event log', run: eventLog.stop },
      { name: 'journal', run: journal.stop },
      { name: 'zones', run: zoneFile.stop },
      {
        name: 'tick',
        run() {
          clearInterval(ticking)
          clearInterval(tickingLedgers)
        },
      },
      { name: 'admin', run: admin.stop },
    ],
  })
}

function stateOn(board: AlertBoard, key: string): boolean | undefined {
  const entry = board.get(key)
  return entry === undefined ? undefined : entry.state === 'active'
}
