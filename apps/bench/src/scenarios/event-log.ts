import type { Scenario } from '../scenario.js'
import { createWorkerArm } from '../worker-arm.js'

const figures: Scenario['figures'] = {
  appendPerS: { unit: 'records/s', better: 'more' },
  appendCpu: { unit: 'µs', better: 'less' },
  readPerS: { unit: 'records/s', better: 'more' },
  readCpu: { unit: 'µs', better: 'less' },
}
const load: Scenario['load'] = { durationS: 2, vehicles: 1, rate: 1 }
const eventLogWorker = new URL('../event-log-worker.js', import.meta.url)

export const embeddedEventLog: Scenario = {
  name: 'event-log-embedded',
  about: 'batches of 500 records of 200 bytes, each durable before the next, then read back: a bare file beside the embedded event log',
  figures,
  load,
  async open({ durationS }) {
    return {
      arms: [
        createWorkerArm('file', new URL('../bare/batch-file-worker.js', import.meta.url), {}, { durationS }),
        createWorkerArm('embedded', eventLogWorker, {}, { durationS }),
      ],
      close: async () => undefined,
    }
  },
}

export const kafkaEventLog: Scenario = {
  name: 'event-log-kafka',
  about: 'the same through a real broker (KAFKA_BROKERS, else one started here): kafkajs alone beside the event log on kafkajs',
  figures,
  load,
  async open({ durationS }) {
    const broker = await findBroker()
    const options = { brokers: broker.addresses }
    return {
      arms: [
        createWorkerArm('kafkajs', new URL('../bare/kafkajs-worker.js', import.meta.url), options, { durationS }),
        createWorkerArm('event log', eventLogWorker, options, { durationS }),
      ],
      close: broker.stop,
    }
  },
}

/** What the project's broker script gives; it is no part of any package. */
interface BrokerScript {
  startBroker(options: { log(text: string): void }): Promise<{ address: string; stop(): Promise<void> }>
}

async function findBroker(): Promise<{ addresses: readonly string[]; stop: () => Promise<void> }> {
  const given = process.env.KAFKA_BROKERS
  if (given) return { addresses: given.split(','), stop: async () => undefined }
  const script = new URL('../../../../scripts/kafka-broker/broker.mjs', import.meta.url).href
  const { startBroker }: BrokerScript = await import(script)
  const broker = await startBroker({ log: text => process.stderr.write(`bench: ${text}\n`) })
  return { addresses: [broker.address], stop: () => broker.stop() }
}
