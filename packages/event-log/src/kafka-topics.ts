import type { TopicSpec } from './event-log.js'

/** Settings of one topic as Kafka takes them, every one of them text. */
export interface KafkaTopicSettings {
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** A whole batch of ours, compressed or not, and its envelope; Kafka's own default, set so that a lower one of the cluster does not apply. */
const messageBytesMax = 1_048_588

/**
 * What a topic of ours gets. `min.insync.replicas` is one less than the replicas (at least 1): with acks=all a record is then on two
 * machines of three before it counts, and one machine may be down. The times records carry are ours (CreateTime).
 */
export function kafkaTopicSettings({ partitions, retentionMs, compacted }: TopicSpec, replication: number): KafkaTopicSettings {
  return {
    partitions,
    replication,
    config: {
      'cleanup.policy': compacted ? 'compact' : 'delete',
      'retention.ms': Number.isFinite(retentionMs) ? String(retentionMs) : '-1',
      'retention.bytes': '-1',
      'min.insync.replicas': String(Math.max(1, replication - 1)),
      'max.message.bytes': String(messageBytesMax),
      'message.timestamp.type': 'CreateTime',
    },
  }
}

/** One line per setting that is not as asked. */
export function topicDifferences(wanted: KafkaTopicSettings, found: KafkaTopicSettings): string[] {
  const differences: string[] = []
  const compare = (name: string, is: string | number | undefined, should: string | number) => {
    if (is !== should) differences.push(`${name} is ${is ?? 'unset'}, should be ${should}`)
  }
  compare('partitions', found.partitions, wanted.partitions)
  compare('replicas', found.replication, wanted.replication)
  for (const [name, value] of Object.entries(wanted.config)) compare(name, found.config[name], value)
  return differences
}
