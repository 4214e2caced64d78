import type { TopicPartition } from './event-log.js'
import { EventLogError } from './event-log-error.js'

/** A partition as one word, for maps and messages. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** Why a reader that brings its own position cannot go on from one the partition has not reached. */
export function beyondEnd({ topic, partition }: TopicPartition, position: number, endOffset: number): EventLogError {
  return new EventLogError(
    'refused',
    `the reader’s position in ${topic}/${partition} is ${position}, but the partition ends at ${endOffset}: the topic was created anew or lost records; compare the two, then move the reader’s position`,
  )
}
