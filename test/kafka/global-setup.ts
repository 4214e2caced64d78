// Run once, before the tests that need Kafka and only if any of them is to run: KAFKA_BROKERS if set, else a broker of our own.
import type { TestProject } from 'vitest/node'
import { startBroker } from '../../scripts/kafka-broker/broker.mjs'
import { kafkaVersion, missingForBroker } from '../../scripts/kafka-broker/jars.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Addresses of a broker that is there for all; or what this machine lacks to have one. */
    readonly kafka: { readonly brokers: string[] } | { readonly missing: string }
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.env.KAFKA_BROKERS) {
    project.provide('kafka', { brokers: process.env.KAFKA_BROKERS.split(',') })
    return undefined
  }
  const missing = missingForBroker()
  if (missing !== undefined) {
    const line = `NO KAFKA: its tests cannot run, this machine lacks ${missing}; install it, or set KAFKA_BROKERS=host:port to use a running broker`
    if (process.env.CI === 'true') throw new Error(line)
    process.stderr.write(`\n!!! ${line}; SKIPPED\n\n`)
    project.provide('kafka', { missing })
    return undefined
  }
  const broker = await startBroker({ log: text => process.stderr.write(`outrider: ${text}\n`) })
  process.stderr.write(`outrider: Kafka ${kafkaVersion} runs at ${broker.address}\n`)
  project.provide('kafka', { brokers: [broker.address] })
  return () => broker.stop()
}
