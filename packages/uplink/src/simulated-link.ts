// A stream between two ends in one process: keeps order, takes its time, fills up, and when it breaks loses a tail in each direction;
// what was on the way may still arrive after the other end has opened a new one.
import { connectMethod } from './connect-method.js'
import type { DownMessage, Link, LinkEvents, UplinkTime, UpMessage } from './link.js'

type Accept = (link: Link<DownMessage>) => LinkEvents<UpMessage>

export interface SimulatedLink {
  readonly node: Link<UpMessage>
  /** Breaks it: the node's end hears of it at once, the region's after what still arrives. */
  cut(): void
}

/** Messages on the way before `write` says to pause. */
const roomMessages = 4

export function createSimulatedLink(
  time: UplinkTime,
  random: () => number,
  nodeEvents: LinkEvents<DownMessage>,
  accept: Accept,
): SimulatedLink {
  let regionEnd: LinkEvents<UpMessage> | undefined
  const nodeEnd = once(nodeEvents)
  // Both directions go through the real codec, so that what the ends see is what gRPC would give them.
  const up = createDirection<UpMessage>(time, random, {
    copy: message => connectMethod.requestDeserialize(connectMethod.requestSerialize(message)),
    deliver: message => regionEnd!.onMessage(message),
    drained: () => nodeEnd.onDrain(),
  })
  const down = createDirection<DownMessage>(time, random, {
    copy: message => connectMethod.responseDeserialize(connectMethod.responseSerialize(message)),
    deliver: message => nodeEnd.onMessage(message),
    drained: () => regionEnd!.onDrain(),
  })
  const region = once(
    accept({
      write: down.write,
      close() {
        region.over()
        down.finish(() => nodeEnd.onClosed('closed by region'))
      },
    }),
  )
  regionEnd = region
  return {
    node: {
      write: up.write,
      close() {
        nodeEnd.over()
        up.finish(() => region.onClosed('closed by node'))
      },
    },
    cut() {
      up.keep(random())
      up.finish(() => region.onClosed('cut'))
      down.keep(0)
      down.finish(() => nodeEnd.onClosed('cut'))
    },
  }
}

/** An end that is told nothing after it closed, or heard that it was. */
function once<Message>(events: LinkEvents<Message>): LinkEvents<Message> & { over(): void } {
  let over = false
  return {
    over() {
      over = true
    },
    onMessage: message => over || events.onMessage(message),
    onDrain: () => over || events.onDrain(),
    onClosed(reason) {
      if (over) return
      over = true
      events.onClosed(reason)
    },
  }
}

interface Direction<Message> {
  write(message: Message): boolean
  /** Loses all but a share of what is on the way. */
  keep(share: number): void
  /** Takes no more, and calls `ended` behind what is on the way. */
  finish(ended: () => void): void
}

function createDirection<Message>(
  time: UplinkTime,
  random: () => number,
  { copy, deliver, drained }: { copy(message: Message): Message; deliver(message: Message): void; drained(): void },
): Direction<Message> {
  let way: Message[] = []
  let moving = false
  let full = false
  let finished: (() => void) | undefined
  let over = false

  function move(): void {
    if (moving || over) return
    moving = true
    time.schedule(1 + Math.floor(random() * 4), () => {
      moving = false
      const message = way.shift()
      if (message !== undefined) {
        deliver(message)
        if (full && way.length === 0) {
          full = false
          drained()
        }
      } else if (finished !== undefined) {
        over = true
        finished()
      }
      if (way.length > 0 || finished !== undefined) move()
    })
  }

  return {
    write(message) {
      if (finished !== undefined) return false
      way.push(copy(message))
      full ||= way.length >= roomMessages
      move()
      return !full
    },
    keep(share) {
      way = way.slice(0, Math.floor(way.length * share))
    },
    finish(ended) {
      if (finished !== undefined) return
      finished = ended
      move()
    },
  }
}
