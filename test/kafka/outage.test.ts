import { describe, expect, inject, it } from 'vitest'
import { startBroker } from '../../scripts/kafka-broker/broker.mjs'
import { expectNothingLostInAnOutage, outageS, outageTimeoutMs } from '../end-to-end/outage.js'

const { own } = inject('kafka')

describe.skipIf(own === undefined)('on Kafka', () => {
  it(`region and central killed for ${outageS} s`, { timeout: outageTimeoutMs }, async () => {
    expect.hasAssertions()
    // Its own, since the topics' names are fixed.
    const broker = await startBroker({ log: () => {} })
    try {
      await expectNothingLostInAnOutage({ KAFKA_BROKERS: broker.address, OUTRIDER_KAFKA_REPLICATION: '1' })
    } finally {
      await broker.stop()
    }
  })
})
