import { inject, test } from 'vitest'
import { expectResult } from '../bench-result.js'

const { brokers } = inject('kafka')

test.skipIf(brokers === undefined)('bench event-log-kafka', () =>
  expectResult('event-log-kafka', { KAFKA_BROKERS: brokers?.join(',') ?? '' }),
)
