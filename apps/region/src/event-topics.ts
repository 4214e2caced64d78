import { type TopicSpec, topicSpecs } from '@outrider/event-log'
import { topics } from '@outrider/protocol'

/** The topics a region writes to, made if they are missing. `alert-state` is central's. */
export const writtenTopics: readonly TopicSpec[] = topicSpecs.filter(spec => spec.topic !== topics.alertState.name)
