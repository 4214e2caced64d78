import { closeSync, copyFileSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs'

const tailBytes = 8_192
const tailLines = 10
/** A day of a busy demo is some MB; what says more than this has a fault that its first lines tell as well. */
const logBytesMax = 64 * 1024 * 1024

/** The last ten lines of a log, whole ones. */
export function tailOf(logFile: string): string[] {
  const file = openSync(logFile, 'r')
  try {
    const { size } = fstatSync(file)
    const from = Math.max(0, size - tailBytes)
    const bytes = Buffer.alloc(size - from)
    readSync(file, bytes, 0, bytes.length, from)
    const lines = bytes
      .toString()
      .split('\n')
      .slice(from > 0 ? 1 : 0)
    return lines.filter(line => line !== '').slice(-tailLines)
  } finally {
    closeSync(file)
  }
}

/** Keeps a log that a child appends to within its bound: what is there is copied beside it, and it begins anew. What is written between is lost. */
export function boundLog(logFile: string): void {
  if (statSync(logFile).size <= logBytesMax) return
  copyFileSync(logFile, logFile.replace(/\.log$/, '.older.log'))
  truncateSync(logFile)
}
