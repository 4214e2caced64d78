import { readFileSync } from 'node:fs'
import { createFileEventLog, createKafkaEventLog, type EventLog, type OnEventLogEvent } from '@outrider/event-log'
import type { KafkaSettings } from '@outrider/service'
import { nodeClock, nodeFiles } from '@outrider/spool'

export interface EventLogChoice {
  readonly kafka: KafkaSettings
  /** Where the embedded one lies. */
  readonly folder: string
  /** This central's name among those that write. */
  readonly writer: string
  /** False: refuses a folder where there is no log yet, instead of making one. */
  readonly create: boolean
  readonly randomUint32: () => number
  readonly onEvent: OnEventLogEvent
}

/** Kafka where brokers are given, else files. Not started. @throws Error if a PEM file of Kafka's cannot be read */
export function createEventLog({ kafka, folder, writer, create, randomUint32, onEvent }: EventLogChoice): EventLog {
  const { brokers, clientId, replication, login, tls } = kafka
  if (brokers === undefined)
    return createFileEventLog({ folder, writer, create, files: nodeFiles, clock: nodeClock, randomUint32, onEvent })
  const pems = tls && Object.fromEntries(Object.entries(tls).map(([name, path]) => [name, readFileSync(path as string, 'utf8')]))
  return createKafkaEventLog({ brokers, clientId, replication, onEvent, ...(pems && { tls: pems }), ...(login && { login }) })
}
