// The link that was primary before. While another node takes over it still serves; then it is told that it is standby, may say what it
// knows, and is left when it has closed (`moved`) or its time is over.
import type { Link } from './link.js'

/** How long the new node may take to answer, and how long the old one then has. */
const unansweredMs = 5_000
const leaveMs = 1_000

export interface LeftLinkOptions {
  readonly monotonicMs: () => number
  /** Says on the link that it is standby from now on. */
  readonly tell: (link: Link) => void
  /** It is gone: nothing more will be heard of it. */
  readonly left: () => void
}

export interface LeftLink {
  /** Begins to leave a link; one that is being left still is left at once. */
  begin(link: Link): void
  is(link: Link): boolean
  /** The new node has answered what was asked after its hello, so it has the vehicle: the old one may give it up. */
  tell(): void
  /** The link, to serve again: undefined once it was told that it is standby. */
  takeBack(): Link | undefined
  /** The link ended by itself. */
  ended(): void
  now(): void
  work(nowMs: number): void
  readonly dueAtMs: number
}

export function createLeftLink({ monotonicMs, tell, left }: LeftLinkOptions): LeftLink {
  let leaving: { readonly link: Link; untilMs: number; isTold: boolean } | undefined

  function now(): void {
    const before = leaving
    if (before === undefined) return
    leaving = undefined
    before.link.leave(1000, 'moved')
    left()
  }
  return {
    begin(link) {
      now()
      leaving = { link, untilMs: monotonicMs() + unansweredMs, isTold: false }
    },
    is: link => link === leaving?.link,
    tell() {
      if (leaving === undefined || leaving.isTold) return
      leaving.isTold = true
      leaving.untilMs = monotonicMs() + leaveMs
      tell(leaving.link)
    },
    takeBack() {
      if (leaving === undefined || leaving.isTold) return undefined
      const { link } = leaving
      leaving = undefined
      left()
      return link
    },
    ended() {
      leaving = undefined
      left()
    },
    now,
    work(nowMs) {
      if (leaving !== undefined && nowMs >= leaving.untilMs) now()
    },
    get dueAtMs() {
      return leaving?.untilMs ?? Number.POSITIVE_INFINITY
    },
  }
}
