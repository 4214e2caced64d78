export type {
  AppendBatch,
  AppendedBatch,
  ConsumedBatch,
  ConsumeOptions,
  Consumer,
  EventLog,
  Gap,
  LogRecord,
  NewRecord,
  PartitionRange,
  StartFrom,
  TopicPartition,
  TopicSpec,
  TopicState,
} from './event-log.js'
export type { EventLogErrorCode } from './event-log-error.js'
export { EventLogError, eventLogErrorCodes } from './event-log-error.js'
export type { EventLogEvent, OnEventLogEvent } from './event-log-event.js'
export type { FileEventLogOptions } from './file-event-log.js'
export { createFileEventLog } from './file-event-log.js'
export type { KafkaEventLogOptions } from './kafka-event-log.js'
export { createKafkaEventLog } from './kafka-event-log.js'
export { keyPartition } from './key-partition.js'
export { topicSpecs } from './topic-specs.js'
