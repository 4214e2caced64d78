// Central on a real broker of its own: killed mid-way, restarted, each record once.
import { createKafkaEventLog, topicSpecs } from '@outrider/event-log'
import { describe, expect, inject, test } from 'vitest'
import { startBroker } from '../../scripts/kafka-broker/broker.mjs'
import { createCentralPlace, until } from '../central/central-process.js'
import { appendAll } from '../central/event-log-writer.js'
import { createScene } from '../central/records.js'

const { own } = inject('kafka')

describe.skipIf(own === undefined)('central on Kafka', () => {
  test('killed mid-way and restarted: exactly once', async () => {
    // Its own, since the topics' names are fixed, and another test wants them missing.
    const broker = await startBroker({ log: () => {} })
    const place = await createCentralPlace()
    try {
      const scene = createScene(4, 30, 30, Date.now() - 600_000)
      const log = createKafkaEventLog({ brokers: [broker.address], clientId: 'region-1', replication: 1, onEvent: () => {} })
      await log.start()
      await log.ensureTopics(topicSpecs)
      const half = scene.records.length >> 1
      await appendAll(log, scene.records.slice(0, half))
      const environment = { KAFKA_BROKERS: broker.address, OUTRIDER_KAFKA_REPLICATION: '1' }
      for (let kills = 0; kills < 2; kills++) {
        const central = await place.start(environment)
        const before = (await until(central.stats, () => true)).records.applied
        await until(central.stats, ({ records, eventLog }) => records.applied > before || eventLog.lag === 0)
        await central.kill()
      }
      await appendAll(log, scene.records.slice(half))
      const central = await place.start(environment)
      const stats = await until(
        central.stats,
        ({ eventLog, deadLetters }) => eventLog.lag === 0 && deadLetters === scene.expected.deadLetters,
      )
      const { identities, applied, repeatsDropped, lost, alerts, ended, targeted, acknowledged } = scene.expected
      expect(stats).toMatchObject({
        reports: { identities, applications: identities, duplicates: 0 },
        records: { applied, repeatsDropped, lost },
        alerts: { total: alerts, ended },
        deliveries: { targeted, acknowledged },
      })
      expect(await central.stop()).toBe(0)
      await log.stop()
    } finally {
      await place.remove()
      await broker.stop()
    }
  })
})
