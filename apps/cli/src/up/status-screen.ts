// Where the status goes: redrawn in place on a terminal, a line now and then elsewhere.
import type { WriteStream } from 'node:tty'
import type { Readings } from './readings.js'
import { coloured, plain, type StatusHead, type StatusPlace, statusBlock, statusLine } from './status-text.js'

export interface StatusScreen {
  show(head: StatusHead, readings: Readings, places: readonly StatusPlace[]): void
  /** A line that stays, above what is redrawn. */
  say(text: string): void
  /** Leaves what is on the screen there; what follows is written below. */
  end(): void
}

/** Without a terminal a line so often. */
const lineEveryMs = 5_000

export function createStatusScreen(stream: NodeJS.WriteStream, monotonicMs: () => number): StatusScreen {
  return isTerminal(stream) ? createTerminalScreen(stream) : createLines(stream, monotonicMs)
}

function isTerminal(stream: NodeJS.WriteStream): stream is WriteStream & NodeJS.WriteStream {
  return stream.isTTY === true && process.env.TERM !== 'dumb'
}

function createTerminalScreen(stream: WriteStream): StatusScreen {
  const paint = stream.hasColors() && process.env.NO_COLOR === undefined ? coloured : plain
  let drawn = 0
  /** Up to where the block began, and nothing below. */
  const clear = () => (drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[J`)
  return {
    show(head, readings, places) {
      // A line that wraps, or one that scrolls away, cannot be found again: what does not fit is left out.
      const { columns } = stream
      const isNarrow = columns < 80
      const lines = statusBlock(head, readings, places, isNarrow ? plain : paint).slice(0, Math.max(1, stream.rows - 1))
      const shown = isNarrow ? lines.map(line => line.slice(0, columns - 1)) : lines
      stream.write(`${clear()}${shown.map(line => `${line}\n`).join('')}`)
      drawn = shown.length
    },
    say(text) {
      stream.write(`${clear()}${text}\n`)
      drawn = 0
    },
    end() {
      drawn = 0
    },
  }
}

function createLines(stream: NodeJS.WriteStream, monotonicMs: () => number): StatusScreen {
  let saidAtMs = Number.NEGATIVE_INFINITY
  let shownPlaces = false
  return {
    show(head, readings, places) {
      if (!shownPlaces) for (const [name, address] of places) stream.write(`${name.padEnd(10)} ${address}\n`)
      shownPlaces = true
      const nowMs = monotonicMs()
      if (nowMs - saidAtMs < lineEveryMs) return
      saidAtMs = nowMs
      stream.write(`${statusLine(head, readings)}\n`)
    },
    say: text => void stream.write(`${text}\n`),
    end: () => undefined,
  }
}
