/** What the key of a topic's records is made of: equal keys stay in order. */
export type TopicKey = 'node' | 'alert' | 'cell' | 'topic'

export interface Topic {
  readonly name: string
  readonly key: TopicKey
  /** Keep the last record of each key instead of a time. */
  readonly compacted: boolean
  /** Default retention in h; compacted topics have none. */
  readonly retentionHours: number | undefined
}

const day = 24
const year = 365 * day

/**
 * The event log's topics. Values are protobuf messages of type Record, in the dead-letter topic the bytes that could not be applied.
 * Retention: reports are personal data of a kind and live a day, deliveries 30 days, what names no vehicle 5 years.
 */
export const topics = {
  reports: { name: 'outrider.reports', key: 'node', compacted: false, retentionHours: day },
  hazards: { name: 'outrider.hazards', key: 'alert', compacted: false, retentionHours: 5 * year },
  alerts: { name: 'outrider.alerts', key: 'alert', compacted: false, retentionHours: 5 * year },
  deliveries: { name: 'outrider.deliveries', key: 'alert', compacted: false, retentionHours: 30 * day },
  conditions: { name: 'outrider.conditions', key: 'cell', compacted: false, retentionHours: 5 * year },
  deadLetters: { name: 'outrider.dead-letters', key: 'topic', compacted: false, retentionHours: 30 * day },
  /** Written only by central, after its fold. */
  alertState: { name: 'outrider.alert-state', key: 'alert', compacted: true, retentionHours: undefined },
} as const satisfies Record<string, Topic>

/** Header of a report record: the H3 cell of its newest position, 15 hexadecimal digits. */
export const cellHeader = 'h3'
