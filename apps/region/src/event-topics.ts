import type { TopicSpec } from '@outrider/event-log'
import { topics } from '@outrider/protocol'

const hourMs = 3_600_000
/** How many readers can share a topic; the embedded event log has one partition per writer whatever is said here. */
const partitions: Readonly<Record<keyof typeof topics, number>> = {
  reports: 12,
  hazards: 6,
  alerts: 6,
  deliveries: 12,
  conditions: 3,
  deadLetters: 1,
  alertState: 6,
}

/** The topics a region writes to, made if they are missing. `alert-state` is central's. */
export const writtenTopics: readonly TopicSpec[] = (Object.keys(topics) as (keyof typeof topics)[])
  .filter(name => name !== 'alertState')
  .map(name => {
    const { retentionHours, compacted, name: topic } = topics[name]
    return {
      topic,
      partitions: partitions[name],
      retentionMs: retentionHours === undefined ? Number.POSITIVE_INFINITY : retentionHours * hourMs,
      compacted,
    }
  })
