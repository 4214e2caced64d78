import type { TrafficSample } from '../traffic-sample.js'
import type { TraceCounts } from './trace-counts.js'

export interface TimeOrder {
  /** Takes a sample in the order of the file. */
  push(sample: TrafficSample, line: number): void
  /** What is due, in order of time, equal times in the order of the file. Counts each as a sample. */
  drain(): TrafficSample[]
  /** No more will come: makes everything due. */
  end(): void
}

export interface TimeOrderOptions {
  readonly counts: TraceCounts
  /** Seconds a row may be behind the newest. */
  readonly reorderS: number
  /** Seconds between one row and the next beyond which a second row has to agree. */
  readonly jumpSMax: number
  /** Samples held; beyond, the earliest goes early, and what then comes from before it is out of order. */
  readonly heldMax: number
}

interface Held {
  readonly sample: TrafficSample
  readonly line: number
  /** Place in the file. */
  readonly sequence: number
}

/**
 * Puts rows in order. Three judgements, in this order:
 * a row far from all before it (`jumpSMax`) waits for the next one: if that agrees both count, else it was a time gone wrong, which
 * must not make everything after it late; a row more than `reorderS` behind the newest is rejected; one with the vehicle, time and
 * position of one held already is a repeat. (Repeats from longer ago are out of order anyway.)
 */
export function createTimeOrder({ counts, reorderS, jumpSMax, heldMax }: TimeOrderOptions): TimeOrder {
  /** A binary heap, earliest first; equal times by place in the file, which makes the order total. */
  const heap: Held[] = []
  /** The same, by vehicle: what a repeat is looked for in. */
  const heldOf = new Map<string, TrafficSample[]>()
  let due: TrafficSample[] = []
  let newestS = Number.NEGATIVE_INFINITY
  let releasedS = Number.NEGATIVE_INFINITY
  let doubtful: Held | undefined
  let pushed = 0

  function push(sample: TrafficSample, line: number) {
    const held = { sample, line, sequence: pushed++ }
    if (doubtful !== undefined) judgeDoubtful(doubtful, sample.timeS)
    if (sample.timeS > newestS + jumpSMax) doubtful = held
    else if (sample.timeS >= newestS - reorderS && sample.timeS >= releasedS) accept(held)
    else counts.rejectRow('out_of_order', line, `t_s=${sample.timeS} after ${newestS}`)
  }

  function judgeDoubtful(held: Held, nextS: number) {
    doubtful = undefined
    const isConfirmed = nextS > newestS + jumpSMax && Math.abs(nextS - held.sample.timeS) <= jumpSMax
    if (isConfirmed) accept(held)
    else counts.rejectRow('time_jump', held.line, `t_s=${held.sample.timeS}`)
  }

  function accept(held: Held) {
    newestS = Math.max(newestS, held.sample.timeS)
    const { sample } = held
    const siblings = heldOf.get(sample.vehicleId)
    if (siblings?.some(other => isRepeat(other, sample))) return counts.rejectRow('duplicate', held.line, `t_s=${sample.timeS}`)
    if (siblings) siblings.push(sample)
    else heldOf.set(sample.vehicleId, [sample])
    heapPush(heap, held)
    while (heap.length > heldMax || (heap.length > 0 && heap[0]!.sample.timeS < newestS - reorderS)) release()
  }

  function release() {
    const { sample } = heapPop(heap)
    const siblings = heldOf.get(sample.vehicleId)!
    if (siblings.length === 1) heldOf.delete(sample.vehicleId)
    else siblings.splice(siblings.indexOf(sample), 1)
    releasedS = sample.timeS
    counts.sample()
    due.push(sample)
  }

  function end() {
    // A lone row is a trace too; a jump that nothing confirmed is not.
    const isLone = newestS === Number.NEGATIVE_INFINITY
    if (doubtful !== undefined) judgeDoubtful(doubtful, isLone ? doubtful.sample.timeS : newestS)
    while (heap.length > 0) release()
  }

  function drain() {
    const samples = due
    due = []
    return samples
  }

  return { push, drain, end }
}

function isRepeat(a: TrafficSample, b: TrafficSample): boolean {
  return a.timeS === b.timeS && a.lat === b.lat && a.lon === b.lon
}

function isBefore(a: Held, b: Held): boolean {
  return a.sample.timeS < b.sample.timeS || (a.sample.timeS === b.sample.timeS && a.sequence < b.sequence)
}

function heapPush(heap: Held[], held: Held) {
  let at = heap.length
  heap.push(held)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(held, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = held
}

function heapPop(heap: Held[]): Held {
  const first = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return first
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return first
}
