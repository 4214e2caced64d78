// The letters of one record as one: a replay that fails writes a letter again, and a replay leaves a mark in the dead-letter topic. Which attempt
// each is of is numbered, so that the order they are read in, repeats, and what retention took play no part.
import type { EventLog } from '@outrider/event-log'
import { type DeadLetter, originText } from './dead-letter.js'
import { eachLetter } from './dead-letter-log.js'

export interface FoldedLetter {
  /** Of the oldest letter that is still there. */
  readonly id: string
  /** Of the letter of the newest attempt, whose reason, origin and bytes count. */
  readonly newestId: string
  readonly writtenAtMs: number
  readonly reason: string
  readonly detail: string
  readonly from: string
  readonly bytes: number
  /** How often it was tried and failed, the first time included. */
  readonly attempts: number
  /** Of the newest replay; 0 = none. */
  readonly replays: number
  /** Replayed, and not failed since: applied, or central has not come to it yet. */
  readonly isReplayed: boolean
  /** Ids of all its letters. */
  readonly ids: readonly string[]
}

/** Records with letters that are held while reading: some 0.5 KiB each, 50 MiB. What comes later is left out, and said. */
const recordsMax = 100_000

type Folding = {
  letter: Omit<FoldedLetter, 'attempts' | 'replays' | 'isReplayed' | 'ids'> | undefined
  ids: string[]
  failed: number
  replays: number
}

/** All letters, by record, in the order they were first read. @throws CliError */
export async function foldedLetters(log: EventLog): Promise<FoldedLetter[]> {
  const records = new Map<string, Folding>()
  let leftOut = 0
  await eachLetter(log, letter => {
    const record = records.get(letter.record) ?? { letter: undefined, ids: [], failed: -1, replays: 0 }
    if (records.size === recordsMax && !records.has(letter.record)) leftOut++
    else records.set(letter.record, take(record, letter))
    return true
  })
  if (leftOut > 0) process.stderr.write(`outrider: ${leftOut} letters of further records are left out, after the first ${recordsMax}\n`)
  return [...records.values()].flatMap(({ letter, ids, failed, replays }) =>
    letter === undefined ? [] : [{ ...letter, ids, attempts: failed + 1, replays, isReplayed: replays > failed }],
  )
}

function take(record: Folding, letter: DeadLetter): Folding {
  if (letter.isReplayMark) return { ...record, replays: Math.max(record.replays, letter.attempt) }
  const ids = [...record.ids, letter.id]
  if (letter.attempt <= record.failed) return { ...record, ids }
  const { id, writtenAtMs, reason, detail, origin, value, attempt } = letter
  const newest = {
    id: record.letter?.id ?? id,
    newestId: id,
    writtenAtMs,
    reason,
    detail,
    from: originText(origin),
    bytes: value?.length ?? 0,
  }
  return { letter: newest, ids, failed: attempt, replays: Math.max(record.replays, attempt) }
}
