// What the region knows beyond its log's tail, written from time to time, so that drained segments may go. A spool of its own is the
// checked file: its records carry their CRC, a torn tail is cut, and the newest complete checkpoint counts.
//
//   begin {version, through} · log (JSON)… · item (the app's bytes)… · end {parts}
import type { Spool } from '@outrider/spool'
import type { StoredLog } from './received-logs.js'

const version = 1
const parts = { begin: 0, log: 1, item: 2, end: 3 } as const

export interface Checkpoint {
  /** All entries of the region's log up to here are in it. */
  readonly through: number
  readonly logs: readonly StoredLog[]
  /** What the app gave. */
  readonly items: readonly Uint8Array[]
}

/** Reads the newest complete checkpoint; undefined if there is none. */
export async function readCheckpoint(spool: Spool): Promise<Checkpoint | undefined> {
  let found: Checkpoint | undefined
  let open: { through: number; logs: StoredLog[]; items: Uint8Array[] } | undefined
  for await (const item of spool.read({ from: Math.max(1, spool.firstSequence) })) {
    if (item.kind === 'gap') {
      open = undefined
      continue
    }
    const body = item.bytes.subarray(1)
    switch (item.bytes[0]) {
      case parts.begin: {
        const begin = readJson(body) as { version: number; through: number }
        open = begin.version === version ? { through: begin.through, logs: [], items: [] } : undefined
        break
      }
      case parts.log:
        open?.logs.push(readJson(body) as StoredLog)
        break
      case parts.item:
        open?.items.push(body)
        break
      case parts.end:
        if (open !== undefined && (readJson(body) as { parts: number }).parts === open.logs.length + open.items.length) found = open
        open = undefined
    }
  }
  return found
}

/**
 * Writes one and lets the one before go. Resolves to its bytes when it is on disk; rejects with the spool's error, or `undefined` if
 * the disk has no room: the older one stays.
 */
export async function writeCheckpoint(spool: Spool, { through, logs, items }: Checkpoint): Promise<number | undefined> {
  let bytes = 0
  const put = async (part: number, body: Uint8Array): Promise<number | undefined> => {
    const record = new Uint8Array(1 + body.length)
    record[0] = part
    record.set(body, 1)
    bytes += record.length
    for (;;) {
      const sequence = spool.append(record)
      if (typeof sequence === 'number') return sequence
      if (sequence.refused !== 'pending_full') return undefined
      await spool.whenSynced(spool.appendedThrough)
    }
  }
  const first = await put(parts.begin, json({ version, through }))
  if (first === undefined) return undefined
  for (const log of logs) if ((await put(parts.log, json(log))) === undefined) return undefined
  for (const item of items) if ((await put(parts.item, item)) === undefined) return undefined
  const last = await put(parts.end, json({ parts: logs.length + items.length }))
  if (last === undefined) return undefined
  await spool.whenSynced(last)
  await spool.commitCursor(first - 1)
  return bytes
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

function readJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString())
}
