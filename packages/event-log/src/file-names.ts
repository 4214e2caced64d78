/**
 * Where the embedded event log keeps what, below its folder:
 *
 *   event-log                               what this folder is, and its version
 *   topics/TOPIC/settings                   how long records are kept
 *   topics/TOPIC/WRITER/                    a spool: the partition that this writer alone writes
 *   groups/GROUP/members/MEMBER             a count that its member raises while it lives
 *   groups/GROUP/offsets/TOPIC/PARTITION    the group's committed offset
 *   groups/GROUP/claims/TOPIC/PARTITION/    locked by the member that reads the partition
 */
import path from 'node:path'
import type { TopicPartition } from './event-log.js'

export const markerFile = (folder: string) => path.join(folder, 'event-log')
export const topicFolder = (folder: string, topic: string) => path.join(folder, 'topics', topic)
export const topicSettingsFile = (folder: string, topic: string) => path.join(folder, 'topics', topic, 'settings')
export const writerFolder = (folder: string, topic: string, writer: string) => path.join(folder, 'topics', topic, writer)
export const membersFolder = (folder: string, group: string) => path.join(folder, 'groups', group, 'members')
export const offsetFile = (folder: string, group: string, { topic, partition }: TopicPartition) =>
  path.join(folder, 'groups', group, 'offsets', topic, partition)
export const claimFolder = (folder: string, group: string, { topic, partition }: TopicPartition) =>
  path.join(folder, 'groups', group, 'claims', topic, partition)

/** A partition is named by its writer and the birth of its log: a log created anew is another partition, so old offsets never fit it. */
export function filePartitionName(writer: string, epoch: number): string {
  return `${writer}@${epoch.toString(16).padStart(8, '0')}`
}
