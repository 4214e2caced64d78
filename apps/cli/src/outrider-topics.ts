import type { TopicSpec } from '@outrider/event-log'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** A topic of Outrider, and what it is for. */
export interface OutriderTopic extends TopicSpec {
  readonly purpose: string
}

/**
 * The topics between region and central (design: region ⇒ central). Partitions bound how many readers share a topic's work; retention of
 * reports, deliveries and alerts is the privacy default. Only what central folds is compacted.
 */
export const outriderTopics: readonly OutriderTopic[] = [
  { topic: 'outrider.reports', partitions: 12, retentionMs: dayMs, compacted: false, purpose: 'what vehicles reported; key: node' },
  { topic: 'outrider.hazards', partitions: 6, retentionMs: 30 * dayMs, compacted: false, purpose: 'hazards and their evidence' },
  { topic: 'outrider.alerts', partitions: 6, retentionMs: 5 * 365 * dayMs, compacted: false, purpose: 'every revision of every alert' },
  {
    topic: 'outrider.deliveries',
    partitions: 12,
    retentionMs: 30 * dayMs,
    compacted: false,
    purpose: 'what became of each delivery; key: alert',
  },
  { topic: 'outrider.conditions', partitions: 3, retentionMs: 7 * dayMs, compacted: false, purpose: 'road and weather conditions' },
  {
    topic: 'outrider.dead-letters',
    partitions: 1,
    retentionMs: 30 * dayMs,
    compacted: false,
    purpose: 'what could not be applied, and why',
  },
  {
    topic: 'outrider.alert-state',
    partitions: 6,
    retentionMs: Number.POSITIVE_INFINITY,
    compacted: true,
    purpose: 'the folded state of each alert',
  },
]
