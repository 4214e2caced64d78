import { createKafkaEventLog } from '@outrider/event-log'
import { describe, inject } from 'vitest'
import { describeEventLog } from '../event-log/contract.js'

const { brokers } = inject('kafka')

describe.skipIf(brokers === undefined)('on a real broker', () => {
  describeEventLog('kafkajs', ({ writer = 'test', onEvent = () => {}, ...limits }) =>
    createKafkaEventLog({ brokers: brokers ?? [], clientId: writer, replication: 1, onEvent, ...limits }),
  )
})
