// When the zone works: a flush at the end of each turn of the loop in which something came, a tick twice a second.
import { type OverloadLevel, overloadLevels, type Zone } from '@outrider/zone'

export interface TurnsOptions {
  readonly zone: Pick<Zone, 'flush' | 'tick' | 'setOverload'>
  readonly monotonicMs: () => number
  /** Messages in all that the node is built for. */
  readonly messagesPerSecond: number
  /** Called with each tick. */
  readonly onTick: () => void
  readonly onOverload: (level: OverloadLevel) => void
}

export interface Turns {
  /**
   * Flushes at the end of this turn. Not within a message handler: there the messages of other sockets are still to be read, and a cork
   * on them gains nothing (measured: 6.2 µs an alert within, 2.8 µs one `setImmediate` later).
   */
  wake(): void
  messageCame(): void
  start(): void
  stop(): void
  readonly overload: OverloadLevel
}

const tickMs = 500

/** From which load (messages of those it is built for) and from which lateness of the tick the node sheds. The first row that fits counts. */
const loads: readonly { readonly level: OverloadLevel; readonly load: number; readonly lateMs: number }[] = [
  { level: overloadLevels.overRateSessions, load: 2, lateMs: 1_000 },
  { level: overloadLevels.allTelemetry, load: 1.5, lateMs: 500 },
  { level: overloadLevels.farTelemetry, load: 1, lateMs: 200 },
  { level: overloadLevels.longerIntervals, load: 0.8, lateMs: 100 },
]

export function overloadOf(load: number, lateMs: number): OverloadLevel {
  return loads.find(row => load >= row.load || lateMs >= row.lateMs)?.level ?? overloadLevels.none
}

export function createTurns({ zone, monotonicMs, messagesPerSecond, onTick, onOverload }: TurnsOptions): Turns {
  let isDue = false
  let messages = 0
  let tickedAtMs = 0
  let overload: OverloadLevel = overloadLevels.none
  let ticking: NodeJS.Timeout | undefined

  function wake(): void {
    if (isDue) return
    isDue = true
    setImmediate(() => {
      isDue = false
      if (zone.flush().more) wake()
    })
  }

  /** Up at once, down a level at a time, so that shedding does not flutter. */
  function judgeLoad(nowMs: number): void {
    const sinceMs = nowMs - tickedAtMs
    const found = overloadOf((messages * 1_000) / sinceMs / messagesPerSecond, sinceMs - tickMs)
    const next = Math.max(found, overload - 1) as OverloadLevel
    messages = 0
    tickedAtMs = nowMs
    if (next === overload) return
    overload = next
    zone.setOverload(overload)
    onOverload(overload)
  }

  return {
    wake,
    messageCame() {
      messages++
    },
    start() {
      tickedAtMs = monotonicMs()
      ticking = setInterval(() => {
        judgeLoad(monotonicMs())
        zone.tick()
        onTick()
        wake()
      }, tickMs)
    },
    stop() {
      clearInterval(ticking)
    },
    get overload() {
      return overload
    },
  }
}
