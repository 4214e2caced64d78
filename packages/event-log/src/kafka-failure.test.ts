import { expect, test } from 'vitest'
import { classify, failureError } from './kafka-failure.js'

/** An error as the Kafka client makes them: a name of its own, perhaps wrapped. */
function clientError(properties: { name?: string; type?: string; code?: string; message?: string; retriable?: boolean }, wraps = 1): Error {
  let error: Error = Object.assign(new Error(properties.message ?? 'message'), { name: 'KafkaJSProtocolError' }, properties)
  for (let n = 0; n < wraps; n++)
    error = Object.assign(new Error('wrapped', { cause: error }), { name: 'KafkaJSNonRetriableError', retriable: false })
  return error
}

test.each([
  [{ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED', retriable: false }, 'passing'],
  [{ name: 'KafkaJSRequestTimeoutError' }, 'passing'],
  [{ name: 'KafkaJSConnectionError', message: 'Failed to connect: error: something' }, 'passing'],
  [{ type: 'NOT_ENOUGH_REPLICAS' }, 'passing'],
  [{ type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }, 'out_of_step'],
  [{ type: 'UNKNOWN_PRODUCER_ID' }, 'out_of_step'],
  [{ type: 'UNKNOWN_TOPIC_OR_PARTITION' }, 'unknown_topic'],
] as const)('%j is %s, however deep it is wrapped', (properties, kind) => {
  for (const wraps of [0, 1, 3]) expect(classify(clientError(properties, wraps)).kind).toBe(kind)
})

test.each([
  [{ type: 'TOPIC_AUTHORIZATION_FAILED' }, 'not_authorised'],
  [{ name: 'KafkaJSSASLAuthenticationError' }, 'login_refused'],
  [{ name: 'KafkaJSConnectionError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls_refused'],
  [{ name: 'KafkaJSConnectionError', code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'tls_refused'],
  [{ name: 'KafkaJSConnectionError', message: 'Failed to connect: error:1E08010C:DECODER routines::unsupported' }, 'tls_refused'],
  [{ type: 'MESSAGE_TOO_LARGE' }, 'refused'],
] as const)('%j is final: %s', (properties, code) => {
  const failure = classify(clientError(properties))
  expect(failure).toMatchObject({ kind: 'final', error: { code, retriable: false } })
})

test('a fault inside the client is not taken for an answer of the broker: the producer is replaced', () => {
  expect(classify(new TypeError('x is undefined')).kind).toBe('out_of_step')
})

test('causes that run in a circle end', () => {
  const error = clientError({ name: 'KafkaJSError' }, 0)
  error.cause = error
  expect(classify(error).kind).toBe('passing')
})

test('an error names the brokers and what to do', () => {
  const error = failureError(
    classify(clientError({ name: 'KafkaJSConnectionError', message: 'Connection error: ECONNREFUSED' })),
    ['a:1', 'b:2'],
    undefined,
  )
  expect(error).toMatchObject({ code: 'unreachable', retriable: true })
  expect(error.message).toBe(
    'no answer from Kafka at a:1, b:2: Connection error: ECONNREFUSED; check the address, that the broker runs, and whether this listener expects TLS or a login',
  )
})
