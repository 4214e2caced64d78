import { topics } from '@outrider/protocol'
import type { TopicSpec } from './event-log.js'

const hourMs = 3_600_000

/** The wire's topics as the event log takes them, in the order of its table. */
export const topicSpecs: readonly TopicSpec[] = Object.values(topics).map(({ name, partitions, retentionHours, compacted }) => ({
  topic: name,
  partitions,
  retentionMs: retentionHours === undefined ? Number.POSITIVE_INFINITY : retentionHours * hourMs,
  compacted,
}))
