import type { WriteStream } from 'node:tty'

/** Lines that are redrawn in place on a terminal, below lines that stay. */
export interface LiveBlock {
  show(lines: readonly string[]): void
  /** Lines that stay, above the block. */
  say(...lines: readonly string[]): void
  /** Takes the block away. */
  clear(): void
}

/** Elsewhere than on a terminal the block's first line is printed so often. */
const lineEveryMs = 10_000

export function createLiveBlock(stream: NodeJS.WriteStream, monotonicMs: () => number): LiveBlock {
  return stream.isTTY && process.env.TERM !== 'dumb' ? onTerminal(stream as WriteStream) : asLines(stream, monotonicMs)
}

function onTerminal(stream: WriteStream): LiveBlock {
  let shown: readonly string[] = []
  const erase = () => (shown.length === 0 ? '' : `\x1b[${shown.length}A\r\x1b[J`)
  const drawn = () => shown.map(line => `${line}\n`).join('')
  return {
    show(lines) {
      const before = erase()
      // A line that wraps could not be found again.
      shown = lines.slice(0, Math.max(1, stream.rows - 1)).map(line => line.slice(0, stream.columns - 1))
      stream.write(before + drawn())
    },
    say(...lines) {
      stream.write(`${erase()}${lines.map(line => `${line}\n`).join('')}${drawn()}`)
    },
    clear() {
      stream.write(erase())
      shown = []
    },
  }
}

function asLines(stream: NodeJS.WriteStream, monotonicMs: () => number): LiveBlock {
  let saidAtMs = Number.NEGATIVE_INFINITY
  return {
    show([first]) {
      if (first === undefined || monotonicMs() - saidAtMs < lineEveryMs) return
      saidAtMs = monotonicMs()
      stream.write(`${first}\n`)
    },
    say: (...lines) => void stream.write(lines.map(line => `${line}\n`).join('')),
    clear: () => undefined,
  }
}
