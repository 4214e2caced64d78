// kafkajs alone, used as it must be to lose nothing: one loop that awaits each batch, acks from all, gzip; a group that reads from the beginning.
import { randomBytes } from 'node:crypto'
import kafkajs from 'kafkajs'
import { serveEventLog } from '../event-log-driver.js'
import { workerOptions } from '../worker.js'

const { brokers } = workerOptions<{ brokers: string[] }>()
const topic = `bench-${randomBytes(6).toString('hex')}`

serveEventLog(async () => {
  const kafka = new kafkajs.Kafka({ clientId: 'bench', brokers, logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true })
  await admin.disconnect()
  const createPartitioner = () => () => 0
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner })
  await producer.connect()
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 100 })
  return {
    async append(values) {
      const messages = values.map(value => ({ key: 'node-1', value: value as Buffer, partition: 0 }))
      await producer.send({ topic, acks: -1, compression: kafkajs.CompressionTypes.GZIP, messages })
    },
    async read(records) {
      let read = 0
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        const eachBatch = async ({ batch }: { batch: { messages: readonly unknown[] } }) => {
          read += batch.messages.length
          if (read >= records) resolve()
        }
        consumer.run({ eachBatch }).catch(reject)
      })
    },
    async stop() {
      await consumer.disconnect()
      await producer.disconnect()
    },
  }
})
