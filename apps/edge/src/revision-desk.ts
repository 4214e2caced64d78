// Requests of the region for revisions of alerts that were issued here: only an alert's origin writes them.
import { encodeLiveAlert } from '@outrider/alerts'
import { formatAlertKey, outrider } from '@outrider/protocol'
import type { Zone } from '@outrider/zone'

const { IssuerRole, RevisionResult } = outrider.v1
type RevisionRequest = outrider.v1.RevisionRequest.$Properties
type RevisionReply = outrider.v1.RevisionReply.$Properties

export interface RevisionDeskOptions {
  readonly zone: Pick<Zone, 'revise' | 'registry'>
  readonly monotonicMs: () => number
  /** Resolves when all that the zone has recorded so far is on disk. Rejects if it never will be. */
  readonly whenRecorded: () => Promise<void>
  /** A revision was written: it is to be sent. */
  readonly onWritten: () => void
}

export interface RevisionDesk {
  /**
   * Writes the revision now and answers when it is durable; undefined if it never will be, so that nobody is told that it is kept.
   * A request that comes again, by its id, is not written again.
   */
  answer(request: RevisionRequest): Promise<RevisionReply | undefined>
}

/** Requests whose answer is known again. The region waits 5 s for one and asks at most 256 at a time; older ones are a conflict of revisions. */
const rememberedMax = 1_024

const results = {
  unknown: RevisionResult.REVISION_RESULT_UNKNOWN,
  // Another process issued it: its node started anew since, or it never was this one's.
  notOrigin: RevisionResult.REVISION_RESULT_UNKNOWN,
  over: RevisionResult.REVISION_RESULT_ENDED,
  conflict: RevisionResult.REVISION_RESULT_CONFLICT,
  invalid: RevisionResult.REVISION_RESULT_INVALID,
  full: RevisionResult.REVISION_RESULT_INVALID,
} as const

export function createRevisionDesk({ zone, monotonicMs, whenRecorded, onWritten }: RevisionDeskOptions): RevisionDesk {
  /** Alerts written to, by request; in the order they came. */
  const written = new Map<string, string>()

  function decide({ requestId, alert, expectedRevision, validityMs, askedBy }: RevisionRequest): RevisionReply & { readonly key?: string } {
    if (requestId == null || requestId === '') return invalid('requestId', 'is needed')
    const before = written.get(requestId)
    if (before !== undefined) return { result: RevisionResult.REVISION_RESULT_WRITTEN, key: before }
    if (askedBy !== IssuerRole.ISSUER_ROLE_OPERATOR && askedBy !== IssuerRole.ISSUER_ROLE_PARTNER) {
      return { result: RevisionResult.REVISION_RESULT_FORBIDDEN, problem: 'askedBy must be an operator or a partner' }
    }
    if (alert?.id == null) return invalid('alert.id', 'is needed: the region issues new alerts itself')
    const key = formatAlertKey(alert.id)
    // Evidence goes on renewing what a detector found; without any there is no renewal.
    const draft = { content: alert, validityMs: validityMs ?? 0, renewable: true }
    const outcome = zone.revise(key, draft, expectedRevision ?? 0)
    if (outcome.outcome === 'changed') {
      written.set(requestId, key)
      if (written.size > rememberedMax) written.delete(written.keys().next().value!)
      onWritten()
      return { result: RevisionResult.REVISION_RESULT_WRITTEN, key }
    }
    if (outcome.outcome === 'ignored') return { result: RevisionResult.REVISION_RESULT_ENDED, key }
    const problem = outcome.problem === undefined ? '' : `${outcome.problem.field} ${outcome.problem.message}`
    return { result: results[outcome.reason], problem, key }
  }

  return {
    async answer(request) {
      const { key, ...decided } = decide(request)
      const reply = { requestId: request.requestId ?? '', ...decided }
      if (reply.result === RevisionResult.REVISION_RESULT_WRITTEN) {
        try {
          await whenRecorded()
        } catch {
          return undefined // the log says why, and so does /readyz
        }
      }
      const entry = key === undefined ? undefined : zone.registry.get(key)
      return entry === undefined || entry.state === 'ended' ? reply : { ...reply, alert: encodeLiveAlert(entry, monotonicMs()) }
    },
  }
}

function invalid(field: string, message: string): RevisionReply {
  return { result: RevisionResult.REVISION_RESULT_INVALID, problem: `${field} ${message}` }
}
