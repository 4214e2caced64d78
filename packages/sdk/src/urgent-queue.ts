// Urgent reports until their node has accepted or refused them. Each is sent again with backoff, on this link and on the next, under
// the same number, so that the node recognises the repeat; after a minute it is too old to warn anybody and is given up.
import type { outrider as wire } from '@outrider/protocol'
import type { RateLimit } from './rate-limit.js'
import type { ReportDecision } from './report-decision.js'
import { decideReport } from './report-decision.js'

/** How long an urgent report is sent again (design: at most 60 s). */
const urgentLifeMs = 60_000
/**
 * Urgent reports kept: 60 s at two a second, and some. Each is at most 4 KiB, together 512 KiB. When full the new one is refused,
 * so that none that was taken is lost.
 */
export const urgentsMax = 128
/** First repeat after 1 s (an acknowledgement takes a round trip and one fsync), then 2, 4, 8 s, each ± a quarter at random. */
const firstRepeatMs = 1_000
const repeatMsMax = 8_000

export type UrgentOutcome = ReportDecision | { readonly kind: 'expired' } | { readonly kind: 'closed' }

interface UrgentReport {
  readonly number: number
  readonly frame: Uint8Array
  readonly bornAtMs: number
  /** Whether it went out on any link before. */
  wasSent: boolean
  /** How often it went out on the link that is up. */
  repeats: number
  dueAtMs: number
  /** Whether it went out on the link that is up: only that link's acknowledgements are about it. */
  onLink: boolean
  /** Whether it went out on the link that is being left. */
  onLeaving: boolean
}

export interface UrgentQueueOptions {
  /** 0 ≤ random < 1. */
  readonly random: () => number
  /** Told once for every report that was added. */
  readonly decided: (number: number, outcome: UrgentOutcome) => void
}

export interface UrgentQueue {
  readonly size: number
  readonly isFull: boolean
  add(number: number, frame: Uint8Array, nowMs: number): void
  /** Sends what is due, as the limit allows; what was never sent goes first. */
  send(nowMs: number, limit: RateLimit, write: (number: number, frame: Uint8Array, isRepeat: boolean) => void): void
  acknowledged(ack: wire.v1.ReportAck, from: 'primary' | 'leaving'): void
  /** The link is being left: what it still says about what went out on it counts, until `left`. */
  leaving(): void
  left(): void
  /** Gives up what is over a minute old. */
  expire(nowMs: number): void
  /** A new link: all are due at once, and what was sent before counts as unsent for its acknowledgements. */
  linkUp(nowMs: number): void
  /** When `send` (if `limit` is given) or `expire` has something to do. */
  dueAtMs(nowMs: number, limit: RateLimit | undefined): number
  /** Nothing more will be sent: the rest is decided as `closed`. */
  close(): void
}

export function createUrgentQueue({ random, decided }: UrgentQueueOptions): UrgentQueue {
  const waiting = new Map<number, UrgentReport>()

  function decide(number: number, outcome: UrgentOutcome): void {
    waiting.delete(number)
    decided(number, outcome)
  }
  return {
    get size() {
      return waiting.size
    },
    get isFull() {
      return waiting.size >= urgentsMax
    },
    add(number, frame, nowMs) {
      waiting.set(number, { number, frame, bornAtMs: nowMs, wasSent: false, repeats: 0, dueAtMs: nowMs, onLink: false, onLeaving: false })
    },
    send(nowMs, limit, write) {
      const due = [...waiting.values()].filter(report => report.dueAtMs <= nowMs)
      // What nobody has heard of yet goes before repeats, or a node that does not answer would hold it up.
      for (const report of [...due.filter(({ wasSent }) => !wasSent), ...due.filter(({ wasSent }) => wasSent)]) {
        if (!limit.take(nowMs)) return
        report.onLink = true
        report.dueAtMs = nowMs + Math.min(repeatMsMax, firstRepeatMs * 2 ** report.repeats) * (0.75 + random() / 2)
        report.repeats++
        write(report.number, report.frame, report.wasSent)
        report.wasSent = true
      }
    },
    acknowledged(ack, from) {
      for (const report of [...waiting.values()]) {
        const isAbout = from === 'primary' ? report.onLink : report.onLeaving
        const decision = isAbout ? decideReport(ack, report.number) : undefined
        if (decision !== undefined) decide(report.number, decision)
      }
    },
    leaving() {
      for (const report of waiting.values()) report.onLeaving = report.onLink
    },
    left() {
      for (const report of waiting.values()) report.onLeaving = false
    },
    expire(nowMs) {
      for (const report of [...waiting.values()]) {
        if (nowMs - report.bornAtMs >= urgentLifeMs) decide(report.number, { kind: 'expired' })
      }
    },
    linkUp(nowMs) {
      for (const report of waiting.values()) {
        report.onLink = false
        report.repeats = 0
        report.dueAtMs = nowMs
      }
    },
    dueAtMs(nowMs, limit) {
      let dueAtMs = Number.POSITIVE_INFINITY
      let sendAtMs = Number.POSITIVE_INFINITY
      for (const report of waiting.values()) {
        dueAtMs = Math.min(dueAtMs, report.bornAtMs + urgentLifeMs)
        sendAtMs = Math.min(sendAtMs, report.dueAtMs)
      }
      if (limit === undefined || sendAtMs === Number.POSITIVE_INFINITY) return dueAtMs
      return Math.min(dueAtMs, Math.max(sendAtMs, limit.availableAtMs(nowMs)))
    },
    close() {
      for (const number of [...waiting.keys()]) decide(number, { kind: 'closed' })
    },
  }
}
