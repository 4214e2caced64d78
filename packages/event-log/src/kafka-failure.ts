import { EventLogError, type EventLogErrorCode } from './event-log-error.js'

/** What went wrong with a request to Kafka, as far as it decides what to do next. */
export type KafkaFailure =
  /** Not reached, not answered in time, or not able just now. */
  | { readonly kind: 'passing'; readonly reason: string }
  /** The idempotent producer's sequence numbers do not agree with the broker's. */
  | { readonly kind: 'out_of_step'; readonly reason: string }
  | { readonly kind: 'unknown_topic'; readonly reason: string }
  | { readonly kind: 'final'; readonly error: EventLogError }

/** Protocol errors that trying again does not heal. All others count as passing. */
const finalTypes: Readonly<Record<string, { code: EventLogErrorCode; advice: string }>> = {
  TOPIC_AUTHORIZATION_FAILED: { code: 'not_authorised', advice: 'give this user the right on the topic (Kafka ACLs)' },
  GROUP_AUTHORIZATION_FAILED: { code: 'not_authorised', advice: 'give this user the right to read as this group (Kafka ACLs)' },
  CLUSTER_AUTHORIZATION_FAILED: { code: 'not_authorised', advice: 'give this user the right on the cluster (Kafka ACLs)' },
  UNSUPPORTED_SASL_MECHANISM: { code: 'login_refused', advice: 'use a SASL mechanism the broker has enabled' },
  SASL_AUTHENTICATION_FAILED: { code: 'login_refused', advice: 'check user, password and mechanism' },
  MESSAGE_TOO_LARGE: { code: 'refused', advice: 'raise max.message.bytes of the topic to 1048588' },
  RECORD_LIST_TOO_LARGE: { code: 'refused', advice: 'raise segment.bytes of the topic' },
  INVALID_RECORD: { code: 'refused', advice: 'the topic’s settings do not allow these records' },
  INVALID_TIMESTAMP: {
    code: 'refused',
    advice: 'raise message.timestamp.after.max.ms and .before.max.ms of the topic, or correct the clock',
  },
  INVALID_TOPIC_EXCEPTION: { code: 'invalid_record', advice: 'choose a topic name Kafka allows' },
  INVALID_REPLICATION_FACTOR: { code: 'refused', advice: 'ask for no more replicas than there are brokers' },
  INVALID_PARTITIONS: { code: 'refused', advice: 'ask for a number of partitions the cluster allows' },
  INVALID_CONFIG: { code: 'refused', advice: 'the cluster does not take this topic setting' },
  POLICY_VIOLATION: { code: 'refused', advice: 'the cluster’s policy forbids it' },
  UNSUPPORTED_VERSION: { code: 'refused', advice: 'use Kafka 3.9 to 4.4' },
}

const sequenceTypes = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
])

/** OpenSSL's and Node's names for a certificate or a handshake that will not do. */
const tlsCode = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO$|HOSTNAME_MISMATCH)/

/** A key or certificate OpenSSL cannot read: the client passes its words on, and not its code. */
const tlsMessage = /^Failed to connect: error:[0-9A-F]{8}:/

interface Layer {
  readonly name: string
  readonly type: string
  readonly code: string
  readonly message: string
}

/** Sorts a rejection of the Kafka client by what it says anywhere in its chain of causes (the client wraps, and its own "retriable" misleads). */
export function classify(error: unknown): KafkaFailure {
  const layers = layersOf(error)
  const reason = layers.at(-1)?.message ?? String(error)
  for (const { name, type, code, message } of layers) {
    if (sequenceTypes.has(type)) return { kind: 'out_of_step', reason: message }
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return { kind: 'unknown_topic', reason: message }
    const final = finalTypes[type]
    if (final !== undefined)
      return { kind: 'final', error: new EventLogError(final.code, `Kafka: ${message}; ${final.advice}`, { cause: error }) }
    if (name === 'KafkaJSSASLAuthenticationError')
      return {
        kind: 'final',
        error: new EventLogError('login_refused', `Kafka refused the login: ${message}; check user, password and mechanism`, {
          cause: error,
        }),
      }
    if (tlsMessage.test(message))
      return {
        kind: 'final',
        error: new EventLogError(
          'tls_refused',
          `no TLS with the broker: ${message}; check our own certificate, its key and the authority’s`,
          {
            cause: error,
          },
        ),
      }
    if (tlsCode.test(code))
      return {
        kind: 'final',
        error: new EventLogError(
          'tls_refused',
          `no TLS with the broker: ${message} (${code}); check the authority’s certificate, the broker’s name and whether this listener speaks TLS`,
          { cause: error },
        ),
      }
  }
  // Not an error of the client at all, so a fault inside it: its state is not to be relied on.
  if (!layers.some(layer => layer.name.startsWith('KafkaJS')))
    return { kind: 'out_of_step', reason: `fault in the Kafka client: ${reason}` }
  return { kind: 'passing', reason }
}

/** A failure as the error of a call that does not try again. */
export function failureError(failure: KafkaFailure, brokers: readonly string[], cause: unknown): EventLogError {
  if (failure.kind === 'final') return failure.error
  if (failure.kind === 'unknown_topic')
    return new EventLogError('unknown_topic', `Kafka: ${failure.reason}; create the topics first`, { cause })
  return new EventLogError(
    'unreachable',
    `no answer from Kafka at ${brokers.join(', ')}: ${failure.reason}; check the address, that the broker runs, and whether this listener expects TLS or a login`,
    { cause },
  )
}

function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = []
  // 8: the client nests three deep; a bound, as a cause may point back.
  for (let at = error; at instanceof Error && layers.length < 8; at = at.cause) {
    const { type, code } = at as { type?: unknown; code?: unknown }
    layers.push({ name: at.name, type: String(type ?? ''), code: String(code ?? ''), message: at.message })
  }
  return layers
}
