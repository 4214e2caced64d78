import { writeSync } from 'node:fs'

/** Bytes written, fewer than given perhaps. @throws as `writeSync` does */
export type WriteBytes = (bytes: Uint8Array) => number

/**
 * Writes lines at once, and never throws: a process must not end, or wait, because its log has no room (a full disk, a reader that is gone).
 * A line that is not taken is lost, nothing is kept for later; the first one that is taken again is followed by how many were.
 */
export function createLineWriter(write: WriteBytes, onLost: (lines: number) => void): { write(line: string): void } {
  let lost = 0
  /** What was cut must not run into the next one. */
  let isCut = false

  function take(line: string): boolean {
    const bytes = Buffer.from(isCut ? `\n${line}` : line)
    let written = 0
    try {
      while (written < bytes.length) {
        const more = write(bytes.subarray(written))
        if (more <= 0) break
        written += more
      }
    } catch {
      // Counted by who asked: there is nowhere else to say it.
    }
    if (written > 0) isCut = written < bytes.length
    return written === bytes.length
  }

  return {
    write(line) {
      if (!take(line)) lost++
      else if (lost > 0) {
        const lines = lost
        lost = 0
        onLost(lines)
      }
    },
  }
}

export const writeToStandardError: WriteBytes = bytes => writeSync(2, bytes)
