import type { BoardChange } from './alert-board.js'

/** The latest changes, numbered, for those who watch: each has its own place in it, so that nobody's slowness is anybody's queue. */
export interface AlertHistory {
  add(change: BoardChange): void
  /** The number of the newest change, 0 if there was none. */
  readonly newest: number
  /** The change of a number; undefined if it is too old. */
  at(number: number): BoardChange | undefined
  /** An opaque token that says: all up to this number was seen. */
  token(number: number): string
  /** The number of a token; undefined if it is of another process, or too old to go on from. @throws nothing */
  resume(token: string): number | undefined
  /** Calls when something was added. Returns how to end that. */
  onAdded(call: () => void): () => void
}

/** At ten changes a second an interruption of 13 minutes; ~100 bytes each beside the entries they share, 0.8 MB. */
const changesMax = 8_192

/** @param life tells this process's numbers from another one's */
export function createAlertHistory(life: string): AlertHistory {
  const changes: BoardChange[] = []
  const listeners = new Set<() => void>()
  let newest = 0

  return {
    add(change) {
      changes[newest % changesMax] = change
      newest++
      for (const call of listeners) call()
    },
    get newest() {
      return newest
    },
    at: number => (number > newest - changesMax && number <= newest && number >= 1 ? changes[(number - 1) % changesMax] : undefined),
    token: number => Buffer.from(`${life}.${number}`).toString('base64url'),
    resume(token) {
      const [of, text = ''] = Buffer.from(token, 'base64url').toString().split('.')
      if (of !== life || !/^\d{1,15}$/.test(text)) return undefined
      const number = Number(text)
      return number <= newest && number >= newest - changesMax ? number : undefined
    },
    onAdded(call) {
      listeners.add(call)
      return () => listeners.delete(call)
    },
  }
}
