import path from 'node:path'
import type { Files } from '@outrider/spool'
import { isErrno } from './errno.js'
import type { TopicPartition } from './event-log.js'
import { membersFolder } from './file-names.js'
import { createSmallFile } from './small-file.js'

/** One member's view of who else is in its group. It decides who should read what; that no two do, the claims see to. */
export interface GroupMembers {
  /** Says that we live, looks who else does, and returns which of the partitions are ours; to be called every `heartbeatMs`. */
  share<T extends TopicPartition>(partitions: readonly T[], nowMs: number): Promise<readonly T[]>
  leave(): Promise<void>
}

export const heartbeatMs = 250
/** Twelve heartbeats: a process that pauses that long may lose its share, though not what it has claimed. */
const silentAfterMs = 3_000
/** What a member that died leaves behind is removed after this. */
const removedAfterMs = 60_000

/** @param own this member's name; no other member has or had it */
export function joinGroupMembers(files: Files, folder: string, group: string, own: string): GroupMembers {
  const members = membersFolder(folder, group)
  const ownFile = createSmallFile(files, path.join(members, own))
  let beats = 0
  /** What each member's file last held, and since when, by our clock. As many as there are files. */
  const seen = new Map<string, { content: string | undefined; sinceMs: number }>()

  async function isAlive(member: string, nowMs: number): Promise<boolean> {
    const content = await createSmallFile(files, path.join(members, member)).read()
    const before = seen.get(member)
    if (before === undefined || before.content !== content) {
      seen.set(member, { content, sinceMs: nowMs })
      return content !== undefined
    }
    const silentMs = nowMs - before.sinceMs
    if (silentMs > removedAfterMs) {
      await files.remove(path.join(members, member)).catch(ignoreMissing)
      seen.delete(member)
    }
    return content !== undefined && silentMs <= silentAfterMs
  }

  return {
    async share(partitions, nowMs) {
      await ownFile.write(String(++beats), { sync: false })
      const alive = [own]
      for (const member of await files.list(members)) if (member !== own && (await isAlive(member, nowMs))) alive.push(member)
      alive.sort()
      const turn = alive.indexOf(own)
      const ordered = partitions.toSorted((a, b) => compare(`${a.topic}/${a.partition}`, `${b.topic}/${b.partition}`))
      return ordered.filter((_, index) => index % alive.length === turn)
    },
    async leave() {
      await ownFile.close()
      await files.remove(path.join(members, own)).catch(ignoreMissing)
    },
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function ignoreMissing(error: unknown): void {
  if (!isErrno(error, 'ENOENT')) throw error
}
