// The partition of a key against the Kafka client's own partitioner, which follows Kafka's Java producer.
import { keyPartition } from '@outrider/event-log'
import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'

test('a key has the partition that Kafka’s default partitioner gives it', () => {
  const partitioner = Partitioners.DefaultPartitioner()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 200 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 1,
        replicas: [1],
        isr: [1],
      }))
      const message = { key: Buffer.from(key), value: null }
      expect(keyPartition(key, partitions)).toBe(partitioner({ topic: 't', partitionMetadata, message }))
    }),
    { numRuns: 2_000, seed: 1 },
  )
})

test('golden values, so that no change of ours moves keys', () => {
  const keys = ['a', 'node-1', 'node-12', '9f1c2a7b.0000002a.17', 'Zürich']
  expect(keys.map(key => keyPartition(key, 12))).toEqual([4, 10, 7, 6, 1])
})
