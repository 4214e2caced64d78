// What the region hands down, on its way into the zone: between turns of the loop, never within a message of a vehicle, and a few at a time,
// so that the thousands of alerts a node is told when it connects do not make a vehicle's report wait.
import { formatAlertKey, type outrider } from '@outrider/protocol'
import type { Zone } from '@outrider/zone'

type LiveAlert = outrider.v1.LiveAlert.$Properties
type LiveEnd = outrider.v1.LiveEnd.$Properties

export interface HandOverOptions {
  readonly zone: Pick<Zone, 'takeAlert' | 'takeEnd'>
  readonly monotonicMs: () => number
  /** Calls once, at the end of this turn of the loop. */
  readonly nextTurn: (call: () => void) => void
  /** Something was taken: it is to be sent. */
  readonly onTaken: () => void
}

export interface HandOver {
  takeAlert(live: LiveAlert): void
  takeEnd(live: LiveEnd): void
  /** What was handed over so far, by kind and what became of it. */
  readonly counts: Readonly<Record<string, number>>
  /** How many wait for a turn. */
  readonly waiting: number
}

/** Of one turn, ms: a tenth of what an alert may take at the median in all (design, 8); one is taken in any case. */
const sliceMs = 0.5
/**
 * All alerts a region can know, and their ends; at a kilobyte each 32 MB. A further one is taken at once: a longer turn, and nothing lost.
 */
const waitingMax = 32_768

interface Waiting {
  readonly atMs: number
  readonly alert?: LiveAlert
  readonly end?: LiveEnd
}

export function createHandOver({ zone, monotonicMs, nextTurn, onTaken }: HandOverOptions): HandOver {
  /** In the order they came; of one alert the newest message is enough, and of its end. */
  const queue = new Map<string, Waiting>()
  const counts: Record<string, number> = {}
  let isDue = false

  function add(kind: 'alert' | 'end', id: outrider.v1.AlertId.$Properties | null | undefined, waiting: Waiting): void {
    // One without an identity is refused by the registry, which counts it.
    if (id == null || queue.size >= waitingMax) {
      hand(waiting)
      onTaken()
      return
    }
    queue.set(`${kind} ${formatAlertKey(id)}`, waiting)
    wake()
  }

  function wake(): void {
    if (isDue) return
    isDue = true
    nextTurn(() => {
      isDue = false
      takeSlice()
      if (queue.size > 0) wake()
      onTaken()
    })
  }

  function takeSlice(): void {
    const endMs = monotonicMs() + sliceMs
    for (const [key, waiting] of queue) {
      queue.delete(key)
      hand(waiting)
      if (monotonicMs() >= endMs) return
    }
  }

  /** Remainders ran while it waited. */
  function hand({ atMs, alert, end }: Waiting): void {
    const waitedMs = monotonicMs() - atMs
    const left = (ms: number | null | undefined) => (ms == null ? null : Math.max(0, Math.floor(ms - waitedMs)))
    const outcome =
      alert === undefined
        ? zone.takeEnd({ ...end, keepRemainingMs: left(end?.keepRemainingMs) })
        : zone.takeAlert({ ...alert, remainingMs: left(alert.remainingMs), keepRemainingMs: left(alert.keepRemainingMs) })
    const became = outcome.outcome === 'changed' ? 'taken' : outcome.reason
    const name = `${alert === undefined ? 'end' : 'alert'}_${became}`
    counts[name] = (counts[name] ?? 0) + 1
  }

  return {
    takeAlert: alert => add('alert', alert.alert?.id, { atMs: monotonicMs(), alert }),
    takeEnd: end => add('end', end.end?.alertId, { atMs: monotonicMs(), end }),
    counts,
    get waiting() {
      return queue.size
    },
  }
}
