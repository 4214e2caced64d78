// Keeps the vehicle connected: one primary link, sometimes a second one that is to take over, and a plan when there is none.
//
//   start ─▶ token ─▶ link ──welcome──▶ up ──end──▶ planReconnect ─wait─▶ where? ─▶ token …      never ─▶ over
//                                       │ drain, a border, or the token runs out
//                                       └─▶ token ─▶ second link, standby ──welcome──▶ hello as primary ──answer──▶ the first one is told
//                                            that it is standby, and left when it has closed (`moved`) or a second later
//
// Between the two hellos both nodes serve, and what both send is known by its identity: at no time does neither.
import type { DecodedFrame, FrameContent, outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { createBorderWatch } from './border-watch.js'
import type { ClockExchange } from './clock-offset.js'
import type { Coordinates } from './distance.js'
import { createLeftLink } from './left-link.js'
import type { Link } from './link.js'
import { openLink } from './link.js'
import type { LocatedNode } from './locate.js'
import { createNodeUrls } from './node-urls.js'
import type { Clock, OpenSocket } from './ports.js'
import type { LinkEnd } from './reconnect-plan.js'
import { planMove, planReconnect } from './reconnect-plan.js'
import type { SdkErrorCode } from './sdk-error.js'
import { SdkError } from './sdk-error.js'
import type { TokenReason } from './token-source.js'
import { refreshTimeMs } from './token-source.js'
import type { VehicleEventBody } from './vehicle-events.js'

const { LinkRole } = outrider.v1

/** A link that lasted this long was no failure: the backoff starts anew. */
const stableMs = 10_000
/** Longest that the token function or locate may take. */
const answerMs = 15_000
/** Attempts to move to another link while the first one is up, 1, 2, 4, 8, 16 s apart; then the vehicle stays until it is closed. */
const movesMax = 5
const moveAgainMs = 1_000

/** What to do about a link that ended for good. */
const advice: Partial<Record<SdkErrorCode, string>> = {
  token_expired: 'give connect a function as token, which is asked for a new one in time',
  token_refused: 'get a token from the authority of this node',
  replaced: 'close one of the two vehicles that use this identity',
}

type TokenResult = { readonly token: string } | { readonly error: SdkError }

export interface ConnectionOptions {
  readonly url: string
  readonly clock: Clock
  readonly random: () => number
  readonly openSocket: OpenSocket
  /** Answers once, at once or later. */
  readonly obtainToken: (reason: TokenReason, done: (result: TokenResult) => void) => void
  readonly canRenewToken: boolean
  /** Asks a node (by its URL for vehicles) for the node responsible for a position; answers once. */
  readonly locate: (url: string, at: Coordinates, done: (node: LocatedNode | undefined) => void) => void
  readonly position: () => Coordinates | undefined
  readonly hello: (role: wire.v1.LinkRole) => FrameContent<'hello'>
  /** Node's wall clock now, ms since 1970-01-01 UTC. */
  readonly nodeTimeMs: () => number
  readonly handlers: ConnectionHandlers
}

interface ConnectionHandlers {
  /** A link has become the primary one. */
  up(link: Link, welcome: wire.v1.Welcome): void
  /** A link is about to become the primary one: the node is to know where the vehicle is before. */
  introduce(link: Link): void
  /** The primary link is gone. */
  down(): void
  /** The primary link is being left, another one takes its place at once; what it is still told counts until `left`. */
  leaving(): void
  left(): void
  frame(frame: DecodedFrame, link: Link, role: 'primary' | 'standby' | 'leaving'): void
  exchanged(exchange: ClockExchange): void
  event(event: VehicleEventBody): void
  /** There will be no link any more. */
  over(error: SdkError): void
}

export interface Connection {
  start(): void
  /** The link that reports go to; undefined while there is none. */
  readonly primary: Link | undefined
  readonly lastFailure: string
  /** To be told of a drain frame. */
  drain(drain: wire.v1.Drain): void
  /** The vehicle has reported a position: it may belong to another node. */
  positioned(nowMs: number): void
  work(nowMs: number): void
  readonly dueAtMs: number
  /** Leaves for good; `done` once the peer has agreed, at once if there is none. */
  close(done: () => void): void
  /** Gives up a link that `close` waits for. */
  abort(): void
}

interface Target {
  readonly where: 'named' | 'same' | 'neighbour' | 'locate'
  readonly url: string | undefined
}

export function createConnection(options: ConnectionOptions): Connection {
  const { clock, random, handlers, url: homeUrl } = options
  let primary: Link | undefined
  let standby: Link | undefined
  const left = createLeftLink({
    monotonicMs: () => clock.monotonicMs(),
    tell: link => link.send('hello', options.hello(LinkRole.LINK_ROLE_STANDBY)),
    left: handlers.left,
  })
  const urls = createNodeUrls(homeUrl, random)
  const border = createBorderWatch()
  /** A question to locate on the way; only the newest is heard. */
  let inquiry: object | undefined
  let currentUrl = homeUrl
  let neighbours: readonly wire.v1.Neighbour.$Properties[] = []
  let failures = 0
  let lastFailure = 'not connected yet'
  let stableAtMs = Number.POSITIVE_INFINITY
  let refreshAtMs = Number.POSITIVE_INFINITY
  let next: (Target & { readonly atMs: number; readonly reason: TokenReason }) | undefined
  let move: (Target & { readonly atMs: number; readonly reason: TokenReason; readonly attempt: number }) | undefined
  /** A question under way, to the token function or to locate; later answers to earlier questions are not heard. */
  let question: { readonly gaveUpAtMs: number } | undefined
  /** Whether the last token was fetched because one was refused, and has not been accepted since. */
  let wasRenewed = false
  let isOver = false

  function ask<Answer>(put: (done: (answer: Answer) => void) => void, answered: (answer: Answer) => void): void {
    const mine = { gaveUpAtMs: clock.monotonicMs() + answerMs }
    question = mine
    put(answer => {
      if (question !== mine || isOver) return
      question = undefined
      answered(answer)
    })
  }

  /** Finds where to go, gets a token, opens the link: as primary if there is none, else as the one to take over. */
  function go(target: Target, reason: TokenReason): void {
    const at = options.position()
    if (target.where !== 'locate') open(resolve(target), reason)
    else if (at === undefined) open(homeUrl, reason)
    else {
      ask<LocatedNode | undefined>(
        done => options.locate(currentUrl, at, done),
        found => open(urls.usable(found?.url) ?? homeUrl, reason),
      )
    }
  }

  function resolve({ where, url }: Target): string {
    if (where === 'named') return urls.usable(url) ?? homeUrl
    if (where === 'same') return currentUrl
    return urls.neighbour(neighbours, options.position(), currentUrl)
  }

  function open(url: string, reason: TokenReason): void {
    ask<TokenResult>(
      done => options.obtainToken(reason, done),
      result => {
        if ('token' in result) return openWith(url, result.token)
        handlers.event({ event: 'token_failed', reason: result.error.message })
        lastFailure = result.error.message
        failed({ code: 1006, reason: lastFailure })
      },
    )
  }

  function openWith(url: string, token: string): void {
    const isStandby = primary !== undefined
    handlers.event({ event: 'link_opened', url })
    const link: Link = openLink({
      url,
      token,
      clock,
      openSocket: options.openSocket,
      handlers: {
        hello: () => options.hello(link === standby ? LinkRole.LINK_ROLE_STANDBY : LinkRole.LINK_ROLE_PRIMARY),
        welcomed: welcome => welcomed(link, welcome),
        frame: frame => handlers.frame(frame, link, link === primary ? 'primary' : left.is(link) ? 'leaving' : 'standby'),
        exchanged(exchange) {
          if (link !== primary) return
          handlers.exchanged(exchange)
          if (link.welcome !== undefined) left.tell()
        },
        ignored: why => handlers.event({ event: 'frame_ignored', why }),
        ended: end => ended(link, end),
      },
    })
    if (isStandby) standby = link
    else {
      primary = link
      currentUrl = url
    }
  }

  function welcomed(link: Link, welcome: wire.v1.Welcome): void {
    const { zone, node, session } = welcome
    handlers.event({ event: 'link_welcomed', url: link.url, zone, node, session })
    if (link === standby) {
      handlers.introduce(link)
      link.send('hello', options.hello(LinkRole.LINK_ROLE_PRIMARY))
      const before = primary
      primary = link
      standby = undefined
      if (before?.welcome === undefined) before?.abort()
      else {
        left.begin(before)
        handlers.leaving()
      }
    }
    wasRenewed = false
    serve(link, welcome)
  }

  /** A link serves from now on, as the primary one. */
  function serve(link: Link, welcome: wire.v1.Welcome): void {
    currentUrl = link.url
    neighbours = welcome.neighbours
    move = undefined
    const nowMs = clock.monotonicMs()
    border.served(welcome, nowMs)
    inquiry = undefined
    const timeMs = options.nodeTimeMs()
    stableAtMs = nowMs + stableMs
    refreshAtMs = options.canRenewToken ? nowMs + refreshTimeMs(link.token, timeMs) - timeMs : Number.POSITIVE_INFINITY
    handlers.up(link, welcome)
  }

  function startMove(url: string, nowMs: number): void {
    move = { where: 'named', url, reason: 'connect', attempt: 1, atMs: nowMs }
    // What the node has on disk is acknowledged with its answer, before the vehicle is gone.
    primary?.inquire(nowMs)
    handlers.event({ event: 'link_moving', why: 'border', waitMs: 0 })
  }

  /** Whether a move may begin: the primary link is up, and nothing else is under way. */
  function isSettled(): boolean {
    return primary?.welcome !== undefined && standby === undefined && move === undefined && question === undefined
  }

  function inquire(at: Coordinates): void {
    const mine = {}
    inquiry = mine
    options.locate(currentUrl, at, found => {
      if (inquiry !== mine || isOver || found === undefined || !isSettled()) return
      inquiry = undefined
      const url = urls.usable(found.url)
      if (found.name !== primary?.welcome?.node && url !== undefined && url !== currentUrl) startMove(url, clock.monotonicMs())
    })
  }

  function ended(link: Link, end: LinkEnd): void {
    if (left.is(link)) {
      handlers.event({ event: 'link_ended', url: link.url, code: end.code, httpStatus: end.httpStatus, reason: end.reason })
      left.ended()
      return
    }
    lastFailure = end.httpStatus === undefined ? `${end.code} ${end.reason}`.trim() : `HTTP ${end.httpStatus}`
    handlers.event({ event: 'link_ended', url: link.url, code: end.code, httpStatus: end.httpStatus, reason: end.reason })
    if (link === standby) standby = undefined
    if (link === primary) {
      primary = undefined
      stableAtMs = Number.POSITIVE_INFINITY
      refreshAtMs = Number.POSITIVE_INFINITY
      if (link.welcome !== undefined) handlers.down()
      // The node before has not been told otherwise: for it the vehicle was never away.
      const before = left.takeBack()
      if (before?.welcome != null) {
        primary = before
        // What the other one brought meanwhile, this one does not know of.
        before.send('hello', options.hello(LinkRole.LINK_ROLE_PRIMARY))
        serve(before, before.welcome)
        return
      }
    }
    failed(end)
  }

  /** A link or an attempt at one came to nothing; while another one is up or on its way that one is waited for. */
  function failed(end: LinkEnd): void {
    if (primary !== undefined) moveAgain()
    else if (standby === undefined && question === undefined) planNext(end)
  }

  function planNext(end: LinkEnd): void {
    failures++
    const plan = planReconnect(end, { failures, canRenewToken: options.canRenewToken, wasRenewed, random })
    move = undefined
    if (plan.kind === 'never') {
      finish(plan.error)
      return
    }
    wasRenewed = plan.token === 'refused'
    next = { where: plan.where, url: plan.url, reason: plan.token ?? 'connect', atMs: clock.monotonicMs() + plan.waitMs }
    handlers.event({ event: 'reconnect_planned', where: plan.where, waitMs: plan.waitMs, failures })
  }

  function moveAgain(): void {
    if (move === undefined) return
    const waitMs = moveAgainMs * 2 ** (move.attempt - 1) * (0.5 + random() / 2)
    move = move.attempt >= movesMax ? undefined : { ...move, attempt: move.attempt + 1, atMs: clock.monotonicMs() + waitMs }
  }

  function finish(code: SdkErrorCode): void {
    isOver = true
    left.now()
    handlers.over(new SdkError(code, `the link ended for good: ${lastFailure}; ${advice[code] ?? 'ask who runs the node'}`))
  }

  return {
    start: () => go({ where: 'same', url: undefined }, 'connect'),
    get primary() {
      return primary?.welcome === undefined ? undefined : primary
    },
    get lastFailure() {
      return lastFailure
    },
    drain(drain) {
      const plan = planMove(drain.reconnect, drain.closesInMs, random)
      if (plan === undefined) return
      move = { ...plan, reason: 'connect', attempt: 1, atMs: clock.monotonicMs() + plan.waitMs }
      handlers.event({ event: 'link_moving', why: 'drain', waitMs: plan.waitMs })
    },
    positioned(nowMs) {
      const at = options.position()
      if (at === undefined || !isSettled()) return
      const next = border.look(at, nowMs)
      if (next === 'ask') inquire(at)
      else if (urls.usable(next?.url) !== undefined && next!.url !== currentUrl) startMove(next!.url, nowMs)
    },
    work(nowMs) {
      primary?.work(nowMs)
      standby?.work(nowMs)
      left.work(nowMs)
      if (isOver) return
      if (nowMs >= stableAtMs) {
        failures = 0
        stableAtMs = Number.POSITIVE_INFINITY
      }
      if (nowMs >= refreshAtMs) {
        refreshAtMs = Number.POSITIVE_INFINITY
        move ??= { where: 'same', url: undefined, reason: 'refresh', attempt: 1, atMs: nowMs }
        handlers.event({ event: 'link_moving', why: 'token', waitMs: move.atMs - nowMs })
      }
      if (question !== undefined && nowMs >= question.gaveUpAtMs) {
        question = undefined
        lastFailure = `no token or location within ${answerMs} ms`
        failed({ code: 1006, reason: lastFailure })
      }
      if (question === undefined && standby === undefined && move !== undefined && nowMs >= move.atMs) {
        const { reason } = move
        const target = move
        move = { ...move, atMs: Number.POSITIVE_INFINITY }
        go(target, reason)
      }
      if (next !== undefined && nowMs >= next.atMs) {
        const target = next
        next = undefined
        go(target, target.reason)
      }
    },
    get dueAtMs() {
      if (isOver) return Number.POSITIVE_INFINITY
      const canMove = question === undefined && standby === undefined
      return Math.min(
        primary?.dueAtMs ?? Number.POSITIVE_INFINITY,
        standby?.dueAtMs ?? Number.POSITIVE_INFINITY,
        left.dueAtMs,
        stableAtMs,
        refreshAtMs,
        question?.gaveUpAtMs ?? Number.POSITIVE_INFINITY,
        canMove ? (move?.atMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
        next?.atMs ?? Number.POSITIVE_INFINITY,
      )
    },
    close(done) {
      isOver = true
      left.now()
      standby?.abort()
      if (primary?.welcome !== undefined) return primary.leave(1000, 'closed by the vehicle', done)
      primary?.abort()
      done()
    },
    abort: () => primary?.abort(),
  }
}
