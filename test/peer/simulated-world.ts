// Nodes in one process with links between them that take their time, fill up, repeat and overtake, are cut and heal: a seed gives all of it again.
import type { OpenPeerLink, PeerLink, PeerLinkEvents, PeerMessage, PeerTime } from '@outrider/peer'
import { peerMethod } from '@outrider/peer'

export interface World {
  readonly nowMs: number
  /** A node's clocks: each has a base of its own. */
  timeOf(node: string): PeerTime
  /** Where a node takes streams. */
  listen(node: string, accept: (link: PeerLink, from: string) => PeerLinkEvents): void
  openLinkOf(node: string): OpenPeerLink
  /** Nothing comes through between the two, nor the news that nothing does, until it is healed. */
  cut(a: string, b: string): void
  heal(a: string, b: string): void
  healAll(): void
  /** The process is gone: its streams break, and its timers never come. */
  kill(node: string): void
  pass(forMs: number): void
}

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly node: string
  readonly call: () => void
}

/** Messages on the way before `write` says to pause. */
const roomMessages = 4
const startWallMs = 1_790_000_000_000

/** @param random 0 ≤ r < 1, seeded */
export function createWorld(random: () => number): World {
  let nowMs = 0
  let order = 0
  const timers = new Set<Timer>()
  const doors = new Map<string, (link: PeerLink, from: string) => PeerLinkEvents>()
  const cuts = new Set<string>()
  const lives = new Map<string, number>()
  const bases = new Map<string, number>()
  const pipes: Pipe[] = []

  interface Pipe {
    readonly from: string
    readonly to: string
    pump(): void
    breakNow(): void
  }

  const lifeOf = (node: string): number => lives.get(node) ?? 0
  const pairOf = (a: string, b: string): string => [a, b].sort().join(' ')

  function at(node: string, delayMs: number, call: () => void): () => void {
    const life = lifeOf(node)
    const timer = { atMs: nowMs + delayMs, order: order++, node, call: () => (lifeOf(node) === life ? call() : undefined) }
    timers.add(timer)
    return () => timers.delete(timer)
  }

  /** One direction of a stream; `deliver` and `ended` are of the side that reads. */
  function createPipe(from: string, to: string, events: () => PeerLinkEvents | undefined, drained: () => void, isOpen: () => boolean) {
    let way: PeerMessage[] = []
    let isFull = false
    let reason: string | undefined
    let isOver = false
    let isMoving = false
    const pipe = {
      from,
      to,
      write(message: PeerMessage): boolean {
        if (reason !== undefined || isOver) return false
        const copy = peerMethod.requestDeserialize(peerMethod.requestSerialize(message))
        way.push(copy)
        const isGreeting = message.hello != null
        if (!isGreeting && random() < 0.1) way.push(copy)
        const [last, before] = [way.at(-1)!, way.at(-2)]
        if (random() < 0.1 && before !== undefined && before.hello == null && last.digest == null && before.digest == null) {
          way.splice(-2, 2, last, before)
        }
        isFull ||= way.length >= roomMessages
        pipe.pump()
        return !isFull
      },
      finish(why: string): void {
        reason ??= why
        pipe.pump()
      },
      breakNow(): void {
        way = []
        pipe.finish('broken')
      },
      pump(): void {
        if (isMoving || isOver || !isOpen() || cuts.has(pairOf(from, to))) return
        if (way.length === 0 && reason === undefined) return
        isMoving = true
        at(to, 1 + Math.floor(random() * 4), () => {
          isMoving = false
          if (cuts.has(pairOf(from, to))) return
          const message = way.shift()
          if (message !== undefined) {
            events()?.onMessage(message)
            if (isFull && way.length === 0) {
              isFull = false
              drained()
            }
          } else if (reason !== undefined) {
            isOver = true
            events()?.onClosed(reason)
          }
          pipe.pump()
        })
      },
    }
    pipes.push(pipe)
    return pipe
  }

  function openLinkOf(from: string): OpenPeerLink {
    return (to, _address, events) => {
      let caller: PeerLinkEvents | undefined = events
      let called: PeerLinkEvents | undefined
      let hasArrived = false
      const up = createPipe(
        from,
        to,
        () => called,
        () => caller?.onDrain(),
        () => hasArrived,
      )
      const down = createPipe(
        to,
        from,
        () => caller,
        () => called?.onDrain(),
        () => true,
      )
      const close = (self: 'caller' | 'called') => () => {
        if (self === 'caller') caller = undefined
        else called = undefined
        ;(self === 'caller' ? up : down).finish('the other side ended it')
      }
      const arrive = (): void => {
        if (cuts.has(pairOf(from, to))) {
          at(from, 20, arrive)
          return
        }
        hasArrived = true
        const door = doors.get(to)
        if (door === undefined) down.finish('nobody listens')
        else called = door({ write: down.write, close: close('called') }, from)
        up.pump()
      }
      at(from, 1, arrive)
      return { write: up.write, close: close('caller') }
    }
  }

  const heal = (pair: string): void => {
    cuts.delete(pair)
    for (const pipe of pipes) if (pairOf(pipe.from, pipe.to) === pair) pipe.pump()
  }

  return {
    get nowMs() {
      return nowMs
    },
    timeOf(node) {
      const base = bases.get(node) ?? Math.floor(random() * 1e6)
      bases.set(node, base)
      return {
        monotonicMs: () => base + nowMs,
        wallMs: () => startWallMs + nowMs,
        schedule: (delayMs, call) => at(node, delayMs, call),
      }
    },
    listen: (node, accept) => void doors.set(node, accept),
    openLinkOf,
    cut: (a, b) => void cuts.add(pairOf(a, b)),
    heal: (a, b) => heal(pairOf(a, b)),
    healAll() {
      for (const pair of [...cuts]) heal(pair)
    },
    kill(node) {
      lives.set(node, lifeOf(node) + 1)
      doors.delete(node)
      for (const pipe of pipes) if (pipe.from === node || pipe.to === node) pipe.breakNow()
    },
    pass(forMs) {
      const untilMs = nowMs + forMs
      for (;;) {
        let next: Timer | undefined
        for (const timer of timers) {
          if (timer.atMs > untilMs) continue
          if (next === undefined || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer
        }
        if (next === undefined) break
        timers.delete(next)
        nowMs = Math.max(nowMs, next.atMs)
        next.call()
      }
      nowMs = untilMs
    },
  }
}

/** Numbers 0 ≤ r < 1 from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
