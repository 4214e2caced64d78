// Run once, before the tests that need Kafka and only if any of them is to run.
import type { TestProject } from 'vitest/node'
import { startBroker } from '../../scripts/kafka-broker/broker.mjs'
import { kafkaVersion, missingForBroker } from '../../scripts/kafka-broker/jars.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly kafka: {
      /** A broker for all: that of KAFKA_BROKERS, else our own. Undefined: there is none. */
      readonly brokers: string[] | undefined
      /** Our own broker, and with it the means to start more. */
      readonly own: { readonly address: string; readonly secure: { readonly address: string; readonly certificate: string } } | undefined
    }
  }
}

/** Who may log in at the listener with TLS; only the first has any rights. */
export const logins = [
  { user: 'app', password: 'right-horse' },
  { user: 'guest', password: 'guest-horse' },
]

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.KAFKA_BROKERS?.split(',')
  const missing = missingForBroker()
  if (missing !== undefined) {
    const which = given === undefined ? 'its tests' : 'its tests of faults, TLS and settings, which need a broker of their own,'
    const line = `NO KAFKA: ${which} cannot run, this machine lacks ${missing}; install it${given === undefined ? ', or set KAFKA_BROKERS=host:port' : ''}`
    if (process.env.CI === 'true' && given === undefined) throw new Error(line)
    process.stderr.write(`\n!!! ${line}; SKIPPED\n\n`)
    project.provide('kafka', { brokers: given, own: undefined })
    return undefined
  }
  const broker = await startBroker({ logins, log: text => process.stderr.write(`outrider: ${text}\n`) })
  process.stderr.write(`outrider: Kafka ${kafkaVersion} runs at ${broker.address}\n`)
  project.provide('kafka', { brokers: given ?? [broker.address], own: { address: broker.address, secure: broker.tls! } })
  return () => broker.stop()
}
