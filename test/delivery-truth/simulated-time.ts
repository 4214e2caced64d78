// One clock for nodes, vehicles and links, and what is due on it, in a heap. Nothing here waits for anything real.
import type { Clock, Timers } from '@outrider/sdk'

export interface SimulatedTime {
  readonly clock: Clock
  readonly timers: Timers
  readonly nowMs: number
  at(delayMs: number, run: () => void): void
  /** Runs what falls due, in order of time, then of asking. */
  run(untilMs: number): void
}

interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

export const wallStartMs = 1_790_000_000_000

export function createSimulatedTime(): SimulatedTime {
  let nowMs = 0
  let order = 0
  const heap: Due[] = []
  const isBefore = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

  function push(due: Due): void {
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(due, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  function pop(): Due {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }

  function set(delayMs: number, run: () => void): () => void {
    const due: Due = { atMs: nowMs + Math.max(0, delayMs), order: order++, run }
    push(due)
    return () => {
      due.run = undefined
    }
  }
  return {
    clock: { monotonicMs: () => nowMs, wallMs: () => wallStartMs + nowMs },
    timers: { set },
    get nowMs() {
      return nowMs
    },
    at: (delayMs, run) => void set(delayMs, run),
    run(untilMs) {
      while (heap.length > 0 && heap[0]!.atMs <= untilMs) {
        const due = pop()
        nowMs = due.atMs
        due.run?.()
      }
      nowMs = untilMs
    },
  }
}
