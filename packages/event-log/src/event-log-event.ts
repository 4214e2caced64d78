import type { Gap, TopicPartition } from './event-log.js'

/** What an event log reports besides its results; counted and logged by the app under `event`. */
export type EventLogEvent =
  /** Bytes pending reached the limit and an append had to wait. */
  | { readonly event: 'append_waited'; readonly topic: string; readonly waitingAppends: number }
  /** A batch did not get through and will be sent again, identical. */
  | {
      readonly event: 'append_retried'
      readonly topic: string
      readonly partition: string
      readonly attempts: number
      readonly reason: string
    }
  /** The producer was replaced, because its sequence numbers no longer agree with the broker's. */
  | { readonly event: 'producer_renewed'; readonly reason: string }
  /** A connection was cut because a request on it stayed without an answer. */
  | { readonly event: 'connection_cut'; readonly broker: string }
  /** The consumer was given these partitions; `group` is '' for one without. */
  | { readonly event: 'partitions_assigned'; readonly group: string; readonly partitions: readonly string[] }
  /** The consumer lost its footing and starts anew after a pause. */
  | { readonly event: 'consumer_restarted'; readonly group: string; readonly reason: string }
  /** Records were gone before they were read; the reader was told as well. */
  | ({ readonly event: 'gap_read' } & TopicPartition & Gap)
  /** A writer's folder in a topic has held no readable log for a while: damaged, or not a log. */
  | { readonly event: 'partition_unreadable'; readonly topic: string; readonly writer: string; readonly reason: string }
  /** A line of the Kafka client's own log. */
  | { readonly event: 'client_logged'; readonly level: 'error' | 'warn'; readonly text: string }

export type OnEventLogEvent = (event: EventLogEvent) => void
