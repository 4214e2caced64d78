import path from 'node:path'
import type { Files } from './files.js'
import type { SpoolLimits } from './limits.js'
import type { HeldSegment } from './open-log.js'
import { segmentFile } from './segment-files.js'
import type { Retention } from './spool.js'
import { SpoolError } from './spool-error.js'
import type { SpoolEvent } from './spool-event.js'

/** @throws {SpoolError} `limit_invalid` */
export function checkRetention(retain: Retention, { segmentBytes, capBytes }: SpoolLimits): void {
  if (typeof retain !== 'object') return
  if ('drainedMs' in retain) {
    if (retain.drainedMs >= 1 && retain.drainedMs <= Number.MAX_SAFE_INTEGER) return
    throw new SpoolError('limit_invalid', `spool retention drainedMs is ${retain.drainedMs}; must be from 1 to ${Number.MAX_SAFE_INTEGER}`)
  }
  const bounds = [
    ['bytes', retain.bytes, segmentBytes, capBytes],
    ['ms', retain.ms, 1, Number.MAX_SAFE_INTEGER],
  ] as const
  for (const [name, value, least, most] of bounds) {
    if (value >= least && value <= most) continue
    throw new SpoolError('limit_invalid', `spool retention ${name} is ${value}; must be from ${least} to ${most}`)
  }
}

/** A segment is closed once it is this part of the retention's `ms` old. */
const segmentAgeParts = 8
/** What was drained must not stay because little comes after it: it may be about people. 24 files a day at most. */
const drainedSegmentMs = 3_600_000

/** How old the newest segment may become, ms; then the next one begins, so that it can go. */
export function segmentMsMax(retain: Retention): number {
  if (retain === 'forever') return Number.POSITIVE_INFINITY
  return retain === 'until-drained' || 'drainedMs' in retain ? drainedSegmentMs : retain.ms / segmentAgeParts
}

interface RemovalFacts {
  readonly segments: readonly HeldSegment[]
  readonly retain: Retention
  readonly cursor: number
  readonly wallMs: number
  /** True if room is wanted. */
  readonly isShort: boolean
}

/** Why the oldest segment may go now; `undefined` if it must stay. The newest one always stays. */
function removable({ segments, retain, cursor, wallMs, isShort }: RemovalFacts): 'drained' | 'bytes' | 'age' | undefined {
  const next = segments[1]
  if (next === undefined || retain === 'forever') return undefined
  const isDrained = next.firstSequence <= cursor + 1
  if (retain === 'until-drained') return isDrained ? 'drained' : undefined
  if ('drainedMs' in retain) return isDrained && (isShort || wallMs - next.createdAtMs > retain.drainedMs) ? 'drained' : undefined
  let heldBytes = 0
  for (const segment of segments) heldBytes += segment.bytes
  if (heldBytes > retain.bytes) return 'bytes'
  // No record in it is newer than the segment that came after it.
  return wallMs - next.createdAtMs > retain.ms ? 'age' : undefined
}

export interface RemoverOptions {
  readonly files: Files
  readonly folder: string
  /** Ascending; what is removed is taken off the front. */
  readonly segments: HeldSegment[]
  readonly facts: () => Omit<RemovalFacts, 'segments'>
  /** False ends the work after the file in hand. */
  readonly mayGoOn: () => boolean
  readonly onRemoved: (segment: HeldSegment) => void
  readonly onEvent: ((event: SpoolEvent) => void) | undefined
}

/**
 * Removes what retention lets go, oldest first, each durably before the next, so that what remains has no hole.
 * The function returned may be called at any time; calls while one is at work join it.
 */
export function createRemover({ files, folder, segments, facts, mayGoOn, onRemoved, onEvent }: RemoverOptions): () => Promise<void> {
  let running: Promise<void> | undefined

  async function run() {
    while (mayGoOn()) {
      const reason = removable({ segments, ...facts() })
      const oldest = segments[0]
      if (reason === undefined || oldest === undefined) return
      const file = segmentFile(oldest.firstSequence)
      try {
        await files.remove(path.join(folder, file))
        await files.syncFolder(folder)
      } catch (cause) {
        onEvent?.({ event: 'segment_removal_failed', file, cause })
        return
      }
      segments.shift()
      onRemoved(oldest)
      onEvent?.({ event: 'segment_removed', file, bytes: oldest.bytes, reason })
    }
  }

  return () => {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
}
