/**
 * The event log on Kafka, by kafkajs 2.2.4: the only file that knows it (it is unmaintained, so it has to be replaceable).
 * What it does not give by itself, and where that is made good:
 * - records are written once only if batches are sent one by one and resent unchanged: kafka-drain.ts and kafka-appender.ts;
 * - a connection that has gone mute is used for ever: kafka-sockets.ts;
 * - its errors do not say what is passing and what is final: kafka-failure.ts;
 * - consumers give up on a refused connection, and begin only where the group has committed: kafka-consumer.ts;
 * - each idle connection wakes up 900 times a second: one producer, one connection per consumer, admin connections closed after use.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type tls from 'node:tls'
import kafkajs, {
  type Admin,
  type Consumer as ClientConsumer,
  type ICustomPartitioner,
  type Kafka,
  type KafkaMessage,
  type SASLOptions,
} from 'kafkajs'
import { stoppedError } from './byte-gate.js'
import type { ConsumeOptions, Consumer, EventLog, LogRecord, PartitionRange, TopicSpec, TopicState } from './event-log.js'
import { EventLogError } from './event-log-error.js'
import type { OnEventLogEvent } from './event-log-event.js'
import { type BatchProducer, createKafkaAppender } from './kafka-appender.js'
import { createKafkaConsumer, type GroupMember, type MemberHooks } from './kafka-consumer.js'
import { classify, failureError } from './kafka-failure.js'
import { createKafkaSockets, type KafkaSockets } from './kafka-sockets.js'
import { type KafkaTopicSettings, kafkaTopicSettings, topicDifferences } from './kafka-topics.js'
import { partitionName } from './partition-place.js'
import { checkSpecs, checkTopicName } from './record-limits.js'

// CommonJS: its names are not all seen by `import`.
const { CompressionTypes, ConfigResourceTypes, logLevel } = kafkajs

export interface KafkaEventLogOptions {
  /** Where to ask first, "host:port" each. */
  readonly brokers: readonly string[]
  /** What the brokers' logs and quotas call us. */
  readonly clientId: string
  /** Talk TLS; `{}` trusts the system's authorities. PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly login?: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  /** Copies of each record, for topics created here; 1 to 32,767. */
  readonly replication: number
  readonly onEvent: OnEventLogEvent
  /** Bytes appended and not yet written at which `append` begins to wait; default 16 MiB, some 60,000 reports. */
  readonly pendingBytesMax?: number
  /** Appends that may wait; default 1,000. */
  readonly waitingAppendsMax?: number
  /** How long a request may stay unanswered before its connection is cut, ms; default 10,000. */
  readonly requestTimeoutMs?: number
  /** How long a silent member keeps its partitions, ms; default 10,000, within what the brokers allow. */
  readonly sessionTimeoutMs?: number
  /** How long `stop` waits for what is pending, ms; default 10,000. */
  readonly stopTimeoutMs?: number
  /** ms, any origin, for the pauses between tries; default the process's monotonic clock. */
  readonly nowMs?: () => number
}

const connectTimeoutMs = 3_000
/** Few: our own loops go on, and look at the error in between. The idempotent producer insists on one. */
const retry = { retries: 1, initialRetryTime: 100, maxRetryTime: 500 }
/** A fetch waits this long for records; the floor of the latency and, as heartbeats wait behind it, far below the session. */
const fetchWaitMs = 100
const batchBytesDefault = 4 * 1024 * 1024
const batchBytesMin = 64 * 1024

interface Membership extends ConsumeOptions {
  readonly group: string
  readonly commits: boolean
}

export function createKafkaEventLog(options: KafkaEventLogOptions): EventLog {
  const { brokers, onEvent, replication, requestTimeoutMs = 10_000, sessionTimeoutMs = 10_000, stopTimeoutMs = 10_000 } = options
  const stopping = new AbortController()
  const consumers = new Set<Consumer>()
  const appender = createKafkaAppender({
    openProducer,
    lookUpPartitions,
    pendingBytesMax: options.pendingBytesMax ?? 16 * 1024 * 1024,
    waitingAppendsMax: options.waitingAppendsMax ?? 1_000,
    onEvent,
    nowMs: options.nowMs ?? (() => performance.now()),
  })

  function createClient(sockets: KafkaSockets): Kafka {
    const { clientId, tls, login } = options
    // A copy of the login: the client writes into what it is given.
    return new kafkajs.Kafka({
      clientId,
      brokers: [...brokers],
      ...(tls === undefined ? {} : { ssl: tls as tls.ConnectionOptions }),
      ...(login === undefined ? {} : { sasl: { ...login } as SASLOptions }),
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      retry,
      socketFactory: sockets.factory,
      logLevel: logLevel.WARN,
      logCreator:
        () =>
        ({ level, log }) => {
          // Said at every producer: the tries it misses are made by our drain.
          if (log.message.startsWith('Limiting retries for the idempotent producer')) return
          const text = [log.message, log.error].filter(part => typeof part === 'string').join(': ')
          onEvent({ event: 'client_logged', level: level === logLevel.WARN ? 'warn' : 'error', text })
        },
    })
  }

  function onRequestTimeout(sockets: KafkaSockets) {
    return ({ payload: { broker } }: { payload: { broker: string } }) => {
      onEvent({ event: 'connection_cut', broker })
      sockets.cut(broker)
    }
  }

  function toError(error: unknown): EventLogError {
    return error instanceof EventLogError ? error : failureError(classify(error), brokers, error)
  }

  function unknownTopic(topics: readonly string[], cause: EventLogError): EventLogError {
    const which = topics.length === 1 ? `no topic ${topics[0]}` : `at least one missing of the topics ${topics.join(', ')}`
    return new EventLogError('unknown_topic', `there is ${which} in Kafka at ${brokers.join(', ')}; create the topics first`, { cause })
  }

  /** A connection for a few questions. @throws EventLogError */
  async function withAdmin<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    if (stopping.signal.aborted) throw stoppedError()
    const sockets = createKafkaSockets()
    const admin = createClient(sockets).admin()
    admin.on(admin.events.REQUEST_TIMEOUT, onRequestTimeout(sockets))
    try {
      await admin.connect()
      return await ask(admin)
    } catch (error) {
      throw toError(error)
    } finally {
      await closeClient(admin, sockets)
    }
  }

  async function closeClient(client: { disconnect(): Promise<void> }, sockets: KafkaSockets): Promise<void> {
    const over = new AbortController()
    // A client that cannot take its leave is cut off; its error would only say so again.
    const left = client.disconnect().catch(() => {})
    const patience = (ms: number) => sleep(ms, undefined, { signal: over.signal })
    const cut = patience(connectTimeoutMs)
      .then(sockets.cutAll)
      .then(() => patience(connectTimeoutMs))
    await Promise.race([left, cut.catch(() => {})])
    over.abort()
    sockets.close()
  }

  // ---- appending

  async function openProducer(): Promise<BatchProducer> {
    const sockets = createKafkaSockets()
    const createPartitioner: ICustomPartitioner = () => given => given.message.partition!
    const producer = createClient(sockets).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner,
    })
    producer.on(producer.events.REQUEST_TIMEOUT, onRequestTimeout(sockets))
    try {
      await producer.connect()
    } catch (error) {
      await closeClient(producer, sockets)
      throw error
    }
    return {
      async send({ topic, partition, records }) {
        const messages = records.map(({ key, value, timeMs, headers }) => ({
          key,
          value: value && asBuffer(value),
          partition,
          timestamp: String(timeMs),
          ...(headers === undefined ? {} : { headers: headersToClient(headers) }),
        }))
        // The broker's own time limit comes first, so that it is the broker that says so.
        const [written] = await producer.send({
          topic,
          messages,
          acks: -1,
          timeout: requestTimeoutMs / 2,
          compression: CompressionTypes.GZIP,
        })
        return Number(written?.baseOffset ?? -1)
      },
      close: () => closeClient(producer, sockets),
    }
  }

  async function lookUpPartitions(topic: string): Promise<number> {
    try {
      const { topics } = await withAdmin(admin => admin.fetchTopicMetadata({ topics: [topic] }))
      return topics[0]!.partitions.length
    } catch (error) {
      throw error instanceof EventLogError && error.code === 'unknown_topic' ? unknownTopic([topic], error) : error
    }
  }

  // ---- topics

  async function topicStates(specs: readonly TopicSpec[], create: boolean): Promise<readonly TopicState[]> {
    checkSpecs(specs)
    return withAdmin(async admin => {
      const existing = new Set(await admin.listTopics())
      const missing = specs.filter(spec => !existing.has(spec.topic))
      if (create && missing.length > 0) {
        const topics = missing.map(spec => toClientTopic(spec.topic, kafkaTopicSettings(spec, replication)))
        // Someone else may create them at the same moment; what matters is how they stand afterwards.
        await admin.createTopics({ topics, waitForLeaders: true, timeout: requestTimeoutMs }).catch(rethrowUnlessCreated)
      }
      const found = await describeTopics(admin, create ? specs : specs.filter(spec => existing.has(spec.topic)))
      return specs.map(({ topic, ...spec }): TopicState => {
        const settings = found.get(topic)
        if (settings === undefined) return { topic, state: 'missing', differences: [] }
        const differences = topicDifferences(kafkaTopicSettings({ topic, ...spec }, replication), settings)
        return { topic, differences, state: differences.length > 0 ? 'differs' : existing.has(topic) ? 'ok' : 'created' }
      })
    })
  }

  async function positions(topic: string): Promise<readonly PartitionRange[]> {
    checkTopicName(topic)
    const offsets = await withAdmin(admin => admin.fetchTopicOffsets(topic)).catch(error => {
      throw error.code === 'unknown_topic' ? unknownTopic([topic], error) : error
    })
    return offsets
      .map(({ partition, low, high }) => ({ partition: String(partition), beginOffset: Number(low), endOffset: Number(high) }))
      .sort((a, b) => Number(a.partition) - Number(b.partition))
  }

  // ---- consuming

  function consume(consumeOptions: ConsumeOptions): Consumer {
    const { topics } = consumeOptions
    // Kafka knows no reader without a group; one of a name of its own that never commits is forgotten when it leaves.
    const group = consumeOptions.group ?? `${options.clientId}-alone-${randomUUID()}`
    const commits = consumeOptions.group !== undefined
    const ended = AbortSignal.any([stopping.signal, ...(consumeOptions.signal === undefined ? [] : [consumeOptions.signal])])
    const consumer = createKafkaConsumer(
      { ...consumeOptions, signal: ended },
      {
        join: (hooks, onMember) => join({ ...consumeOptions, group, commits }, hooks, onMember),
        ranges: positions,
        committed: () => committedOffsets(group, topics),
        finalError(error) {
          const failure = toError(error)
          if (failure.retriable || failure.code === 'stopped') return undefined
          return failure.code === 'unknown_topic' ? unknownTopic(topics, failure) : failure
        },
        onEvent,
      },
    )
    consumers.add(consumer)
    consumer.finished.catch(() => {}).finally(() => consumers.delete(consumer)) // the caller is told by its own hold on `finished`
    return consumer
  }

  async function join(
    { group, commits, topics, batchBytesMax = batchBytesDefault }: Membership,
    hooks: MemberHooks,
    onMember: (member: GroupMember) => void,
  ): Promise<void> {
    const sockets = createKafkaSockets()
    const bytesMax = Math.max(batchBytesMin, batchBytesMax)
    const client = createClient(sockets).consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
      rebalanceTimeout: 3 * sessionTimeoutMs,
      maxWaitTimeInMs: fetchWaitMs,
      maxBytes: bytesMax,
      maxBytesPerPartition: bytesMax,
      allowAutoTopicCreation: false,
      retry: { ...retry, restartOnFailure: async () => false },
    })
    client.on(client.events.REQUEST_TIMEOUT, onRequestTimeout(sockets))
    client.on(client.events.CRASH, ({ payload }) => hooks.onCrash(payload.error))
    client.on(client.events.GROUP_JOIN, ({ payload }) => {
      const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map(partition => ({ topic, partition: String(partition) })),
      )
      hooks.onAssigned(assigned)
    })
    onMember(createMember(client, sockets))
    await client.connect()
    await client.subscribe({ topics: [...topics], fromBeginning: true })
    await client.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      async eachBatch({ batch, isStale, heartbeat, resolveOffset, commitOffsetsIfNecessary }) {
        if (isStale()) return
        const { topic, partition } = batch
        const records = batch.messages.map(toLogRecord)
        const done = await hooks.onBatch(
          { topic, partition: String(partition), records, endOffset: Number(batch.highWatermark) },
          heartbeat,
        )
        if (!done) return
        resolveOffset(batch.lastOffset())
        if (!commits) return
        const offset = String(Number(batch.lastOffset()) + 1)
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] })
      },
    })
  }

  function createMember(client: ClientConsumer, sockets: KafkaSockets): GroupMember {
    return {
      pause: partitions => client.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [Number(partition)] }))),
      resumeAt({ topic, partition }, offset) {
        client.seek({ topic, partition: Number(partition), offset: String(offset) })
        client.resume([{ topic, partitions: [Number(partition)] }])
      },
      close: () => closeClient(client, sockets),
    }
  }

  async function committedOffsets(groupId: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const fetched = await withAdmin(admin => admin.fetchOffsets({ groupId, topics: [...topics] }))
    const committed = new Map<string, number>()
    for (const { topic, partitions } of fetched)
      for (const { partition, offset } of partitions)
        if (Number(offset) >= 0) committed.set(partitionName({ topic, partition: String(partition) }), Number(offset))
    return committed
  }

  return {
    async start() {
      await withAdmin(admin => admin.describeCluster())
    },
    ensureTopics: specs => topicStates(specs, true),
    checkTopics: specs => topicStates(specs, false),
    append: appender.append,
    consume,
    positions,
    async stop() {
      stopping.abort()
      await Promise.all([appender.stop(stopTimeoutMs), ...Array.from(consumers, consumer => consumer.stop())])
    },
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function headersToClient(headers: Readonly<Record<string, string | Uint8Array>>): Record<string, string | Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : asBuffer(value)]))
}

function toLogRecord({ offset, key, value, timestamp, headers = {} }: KafkaMessage): LogRecord {
  return {
    offset: Number(offset),
    key: key?.toString() ?? '',
    value,
    timeMs: Number(timestamp),
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, lastValue(values)])),
  }
}

/** Kafka allows a header several times; the last one counts. */
function lastValue(values: Buffer | string | (Buffer | string)[] | undefined): Uint8Array {
  const last = Array.isArray(values) ? values.at(-1) : values
  return typeof last === 'string' ? Buffer.from(last) : (last ?? Buffer.alloc(0))
}

function toClientTopic(topic: string, { partitions, replication, config }: KafkaTopicSettings) {
  return {
    topic,
    numPartitions: partitions,
    replicationFactor: replication,
    configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
  }
}

function rethrowUnlessCreated(error: unknown): void {
  const errors = (error as { errors?: unknown[] }).errors ?? [error]
  const other = errors.find(each => (each as { type?: unknown }).type !== 'TOPIC_ALREADY_EXISTS')
  if (other !== undefined) throw other
}

async function describeTopics(admin: Admin, specs: readonly TopicSpec[]): Promise<Map<string, KafkaTopicSettings>> {
  if (specs.length === 0) return new Map()
  const topics = specs.map(spec => spec.topic)
  const names = Object.keys(kafkaTopicSettings(specs[0]!, 1).config)
  const metadata = await admin.fetchTopicMetadata({ topics })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(name => ({ type: ConfigResourceTypes.TOPIC, name, configNames: names })),
  })
  return new Map(
    metadata.topics.map(({ name, partitions }) => {
      const entries = resources.find(resource => resource.resourceName === name)?.configEntries ?? []
      const config = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
      return [name, { partitions: partitions.length, replication: partitions[0]?.replicas.length ?? 0, config }]
    }),
  )
}
