import { createKafkaEventLog } from '@outrider/event-log'
import { describe, inject } from 'vitest'
import { describeEventLog } from '../event-log/contract.js'

const kafka = inject('kafka')

describe.skipIf('missing' in kafka)('on a real broker', () => {
  const brokers = 'missing' in kafka ? [] : kafka.brokers
  describeEventLog('kafkajs', ({ writer = 'test', onEvent = () => {}, ...limits }) =>
    createKafkaEventLog({ brokers, clientId: writer, replication: 1, onEvent, ...limits }),
  )
})
