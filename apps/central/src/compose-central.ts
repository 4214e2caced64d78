// What central is made of, what it starts and what it stops: read it top to bottom.
import { randomInt } from 'node:crypto'
import path from 'node:path'
import type { EventLog } from '@outrider/event-log'
import {
  createHealthServer,
  createLifecycle,
  createLog,
  createMetrics,
  type KafkaSettings,
  type Lifecycle,
  type Log,
} from '@outrider/service'
import { createHttpServer } from './api/http-server.js'
import { createPublicApi } from './api/public-api.js'
import { readStats } from './api/read-stats.js'
import { createRequestRate } from './api/request-rate.js'
import { observeCentral } from './central-metrics.js'
import { readLag } from './event-log-lag.js'
import { createIngest, readTopics } from './ingest.js'
import { createLedgerPage } from './ledger-page.js'
import { createEventLog } from './open-event-log.js'
import { openStore } from './open-store.js'
import { createRetention } from './retention.js'
import type { CentralSettings } from './settings.js'
import { createStatsCache } from './stats-cache.js'
import type { Store } from './store/store.js'

export interface CentralParts {
  readonly settings: CentralSettings
  readonly kafka: KafkaSettings
  /** Told once, when all listens; the store may still be away. */
  readonly onReady: (ports: { readonly httpPort: number; readonly adminPort: number }) => void
}

/** All of the stop list together; Kubernetes gives 30 s, Ctrl-C is expected to take 5. */
const stopWithinMs = 4_500
/** Answers under way get this long. */
const httpGraceMs = 1_000
const hourMs = 3_600_000
/** Burst of an address, in seconds of its rate: a page with several requests at once. */
const burstSeconds = 5

interface Places {
  readonly store: Store
  readonly eventLog: EventLog
}

const wallMs = Date.now
const monotonicMs = () => performance.now()

/** The two places central works on. A rebuild needs them too, and makes no event log where there is none. */
export function openPlaces(settings: CentralSettings, kafka: KafkaSettings, log: Log, createEventLogFolder: boolean): Places {
  const { name, dataFolder, databaseUrl, eventLogFolder } = settings
  const onEvent = ({ event, ...fields }: { readonly event: string }) =>
    event === 'partitions_assigned' ? log.info(event, fields) : log.warn(event, fields)
  return {
    store: openStore({ databaseUrl, dataFolder, onEvent }),
    eventLog: createEventLog({
      kafka,
      folder: eventLogFolder ?? path.join(dataFolder, 'event-log'),
      writer: name,
      create: createEventLogFolder,
      randomUint32: () => randomInt(2 ** 32),
      onEvent,
    }),
  }
}

export function composeCentral({ settings, kafka, onReady }: CentralParts): Lifecycle {
  const { name, authority } = settings
  const log = createLog({ app: 'central', instance: name, level: settings.logLevel })
  const complain = ({ event, ...fields }: { readonly event: string }) => log.warn(event, fields)
  const { store, eventLog } = openPlaces(settings, kafka, log, true)

  const ingest = createIngest({ store, eventLog, authority, wallMs, monotonicMs, onEvent: complain })
  const retention = createRetention({
    store,
    wallMs,
    isStoreReady: () => ingest.problem?.part !== 'store',
    keepMs: {
      reports: settings.keepReportsHours * hourMs,
      deliveries: settings.keepDeliveriesDays * 24 * hourMs,
      alerts: settings.keepAlertsDays * 24 * hourMs,
    },
    onEvent: event => (event.event === 'retention_failed' ? complain(event) : log.info(event.event, { rows: event.rows })),
  })

  let lag: number | undefined
  async function countSince(sinceMs: number | undefined) {
    // The store answers also while the event log does not: how far behind it is, is then not known. Read first, so that an answer with lag 0
    // has counted everything that was in the event log.
    lag = await readLag(eventLog, store, readTopics).catch(() => undefined)
    const counted = await readStats(store, wallMs(), sinceMs)
    return {
      ...counted,
      eventLog: { lag: lag ?? null, ...(ingest.problem && { problem: ingest.problem.part }) },
      countedAt: new Date(wallMs()).toISOString(),
    }
  }
  // Two, so that whoever asks since some time is not in the way of who asks for all.
  const statsOfAll = createStatsCache(countSince, monotonicMs)
  const statsSince = createStatsCache(countSince, monotonicMs)

  const answers = new Map<string, number>()
  const api = createPublicApi({
    store,
    stats: sinceMs => (sinceMs === undefined ? statsOfAll(undefined) : statsSince(sinceMs)),
    wallMs,
    takeRequest: createRequestRate({
      perSecond: settings.requestsPerSecond,
      burst: burstSeconds * settings.requestsPerSecond,
      monotonicMs,
    }),
    onAnswer: answer => answers.set(answer, (answers.get(answer) ?? 0) + 1),
    onFault: (path, cause) => log.error('answer_failed', { path, cause }),
  })
  const http = createHttpServer({ host: settings.host, port: settings.port, api })

  const metrics = createMetrics({ app: 'central', instance: name })
  observeCentral(metrics, { ingest, retention, answers: () => answers, lag: () => lag })
  const problemOf = (part: 'store' | 'eventLog') => (ingest.problem?.part === part ? ingest.problem.text : undefined)
  const admin = createHealthServer({
    host: settings.adminHost,
    port: settings.adminPort,
    metrics,
    details: { '/ledger': createLedgerPage(store, wallMs) },
    checks: {
      store: () => ({ ok: problemOf('store') === undefined, detail: problemOf('store') ?? store.place }),
      // What is stored is still answered, only older by the while: degraded, and still the right place to ask.
      eventLog: () => ({ ok: true, detail: problemOf('eventLog') ?? (lag === undefined ? 'read' : `${lag} records behind`) }),
    },
  })

  let httpPort = 0
  let adminPort = 0
  return createLifecycle({
    stopWithinMs,
    onEvent: ({ event, ...fields }) => (event === 'step_done' ? log.debug(event, fields) : log.error(event, fields)),
    start: [
      {
        name: 'admin',
        async run() {
          adminPort = await admin.start()
        },
      },
      {
        name: 'http',
        async run() {
          httpPort = await http.start()
        },
      },
      { name: 'ingest', run: ingest.start },
      { name: 'retention', run: retention.start },
      { name: 'ready', run: () => onReady({ httpPort, adminPort }) },
    ],
    stop: [
      { name: 'http', run: () => http.stop(httpGraceMs) },
      { name: 'ingest', run: ingest.stop },
      { name: 'retention', run: retention.stop },
      { name: 'event log', run: eventLog.stop },
      { name: 'store', run: store.stop },
      { name: 'admin', run: admin.stop },
    ],
  })
}
