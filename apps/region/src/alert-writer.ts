// Issue, Update and End: each is composed, written to the region's log, and replied to when it is durable and on the board. One at a time,
// so that of two callers with the same expected revision one is refused.
import { createHash } from 'node:crypto'
import { type AlertEntry, checkAlert, encodeLiveAlert, longestLifeMs } from '@outrider/alerts'
import type { Shape } from '@outrider/geo'
import { findCause, formatAlertKey, outrider, priorities } from '@outrider/protocol'
import type { RegionJournal } from '@outrider/uplink'
import { type AlertBoard, keyOf } from './alert-board.js'
import type { AlertRequest } from './alert-requests.js'
import type { Caller } from './caller.js'
import { compileShape } from './compile-shape.js'
import { RpcFailure } from './rpc-failure.js'

const {
  Alert,
  AlertServiceEndRequest,
  AlertServiceIssueRequest,
  AlertServiceUpdateRequest,
  EndReason,
  IssuerRole,
  Priority,
  Record,
  RevisionResult,
} = outrider.v1

type WireAlert = outrider.v1.Alert.$Properties
type LiveAlert = outrider.v1.LiveAlert.$Properties

/** Asks the node that issued an alert for a revision. @throws RpcFailure `unavailable`, `deadline_exceeded` */
type AskOrigin = (node: string, request: outrider.v1.RevisionRequest.$Properties) => Promise<outrider.v1.RevisionReply.$Properties>

export interface AlertWriterOptions {
  readonly region: string
  readonly authority: string
  /** Random uint32 of this process: with the region's name and a count the identity of what it issues. */
  readonly boot: number
  readonly board: AlertBoard
  readonly journal: RegionJournal
  /** Resolves when a reply may say that all up to this place of the journal is kept. */
  readonly whenKept: (place: number) => Promise<void>
  readonly askOrigin: AskOrigin
}

export interface AlertWriter {
  issue(request: outrider.v1.AlertServiceIssueRequest.$Properties, caller: Caller): Promise<LiveAlert>
  update(request: outrider.v1.AlertServiceUpdateRequest.$Properties, caller: Caller): Promise<LiveAlert>
  end(request: outrider.v1.AlertServiceEndRequest.$Properties, caller: Caller): Promise<LiveAlert>
}

const validityMsMax = 86_400_000
/** Each waits for a sync of about a millisecond: a quarter of a second of work. */
const waitingMax = 256

const issuerRoles = {
  operator: IssuerRole.ISSUER_ROLE_OPERATOR,
  anyone: IssuerRole.ISSUER_ROLE_OPERATOR,
  partner: IssuerRole.ISSUER_ROLE_PARTNER,
} as const

export function createAlertWriter({ region, authority, boot, board, journal, whenKept, askOrigin }: AlertWriterOptions): AlertWriter {
  let lastSequence = 0
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  /** Runs a job after those before it; its result may still wait for Kafka when the next begins. */
  async function inTurn(job: () => Promise<Written>): Promise<LiveAlert> {
    if (waiting >= waitingMax) throw new RpcFailure('resource_exhausted', `${waitingMax} writes wait already; try again`)
    waiting++
    const mine = turn.then(job)
    turn = mine.catch(() => {}) // whoever called hears of it by `mine`
    try {
      const { alert, place } = await mine
      if (place !== undefined) await whenKept(place)
      return await alert()
    } finally {
      waiting--
    }
  }

  /** What an earlier request with this id made, or undefined. @throws RpcFailure `already_exists` if it asked for something else */
  function repeated(key: string, digest: string): Written | undefined {
    const before = board.request(key)
    if (before === undefined) return undefined
    if (before.digest !== digest) throw new RpcFailure('already_exists', 'request_id was used for another request; choose a new one')
    return {
      alert: () =>
        standing(before.alertKey) ?? { alert: Alert.decode(Buffer.from(before.alert, 'base64')), remainingMs: 0, keepRemainingMs: 0 },
    }
  }

  async function write(record: Pick<outrider.v1.Record.$Properties, 'alert' | 'end'>, request: AlertRequest): Promise<Written> {
    if (board.requestsAreFull)
      throw new RpcFailure('resource_exhausted', 'too many requests of the last 24 h are remembered; try again later')
    const { wallMs } = board.now()
    const bytes = Record.encode({
      schema: 1,
      authority,
      recordedTimeMs: wallMs,
      clockTimeMs: wallMs,
      clockOffsetMs: 0,
      boot,
      ...record,
    }).finish()
    const place = journal.appendOwn(bytes, Buffer.from(JSON.stringify(request)))
    if (typeof place !== 'number') throw new RpcFailure('unavailable', `the region's log takes nothing now (${place.refused}); try again`)
    try {
      await journal.whenDurable(place)
    } catch (cause) {
      throw new RpcFailure('unavailable', 'the region’s log failed; try another region, or again after its restart', cause)
    }
    return { place, alert: () => standing(request.alertKey)! }
  }

  function standing(key: string): LiveAlert | undefined {
    const entry = board.get(key)
    return entry === undefined ? undefined : liveAlertOf(entry, board.now().monotonicMs)
  }

  /** The new content, checked; what the service sets is not taken from the caller. */
  function contentOf(content: WireAlert | null | undefined, { role }: Caller): WireAlert {
    const issuerRole = issuerRoles[role as keyof typeof issuerRoles]
    const byCause = findCause(content?.cause?.code ?? 0)?.defaults?.priority
    const priority = content?.priority || (byCause === undefined ? Priority.PRIORITY_INFORMATION : priorities[byCause])
    const alert: WireAlert = { ...content, issuerRole, priority, ending: null, renewal: false, sources: null }
    const checked = checkAlert<Shape>(alert, compileShape, 'issuer')
    if (!checked.ok) throw new RpcFailure('invalid_argument', `alert.${checked.problem.field} ${checked.problem.message}`)
    return alert
  }

  async function issue(request: outrider.v1.AlertServiceIssueRequest.$Properties, caller: Caller): Promise<Written> {
    const { key, digest } = identify(caller, 'Issue', request.requestId, AlertServiceIssueRequest.encode(request).finish())
    const before = repeated(key, digest)
    if (before !== undefined) return before
    const content = contentOf(request.alert, caller)
    const cause = content.cause?.code ?? 0
    const validityMs = validityOf(request.validityMs) ?? defaultValidityMs(cause)
    if (board.isFull) throw new RpcFailure('resource_exhausted', 'as many alerts as there is room for are active; end one')
    const { wallMs } = board.now()
    const keepMs = Math.max(longestLifeMs(cause), validityMs)
    const id = { node: region, boot, sequence: ++lastSequence }
    const alert: WireAlert = {
      ...content,
      id,
      revision: 1,
      detectionTimeMs: content.detectionTimeMs || wallMs,
      referenceTimeMs: wallMs,
      validUntilMs: wallMs + validityMs,
      keepUntilMs: wallMs + keepMs,
    }
    return write({ alert }, { key, digest, alertKey: formatAlertKey(id), alert: base64(alert), atMs: wallMs })
  }

  async function update(request: outrider.v1.AlertServiceUpdateRequest.$Properties, caller: Caller): Promise<Written> {
    const { key, digest } = identify(caller, 'Update', request.requestId, AlertServiceUpdateRequest.encode(request).finish())
    const before = repeated(key, digest)
    if (before !== undefined) return before
    const entry = known(request.alert?.id, 'alert.id')
    const content = contentOf(request.alert, caller)
    if (entry.state === 'ended') throw new RpcFailure('failed_precondition', 'the alert has ended; issue a new one')
    // Of a node's alert the node knows the revision, and whether it wrote this one before.
    if (entry.id.node === region) expectRevision(entry, request.expectedRevision ?? 0)
    const { monotonicMs, wallMs } = board.now()
    const keepLeftMs = entry.keepUntilMs - monotonicMs
    const leftMs = entry.validUntilMs - monotonicMs
    if (entry.state === 'expired' || leftMs <= 0)
      throw new RpcFailure('failed_precondition', 'the alert’s validity is over; issue a new one')
    const validityMs = validityOf(request.validityMs) ?? leftMs
    if (validityMs > keepLeftMs)
      throw new RpcFailure(
        'invalid_argument',
        `validity_ms is ${validityMs}; the alert is kept for ${Math.floor(keepLeftMs)} more: issue a new one that replaces it`,
      )
    // Outside of the turn: the others do not wait for a node.
    if (entry.id.node !== region) return { alert: () => ask(entry, content, request.expectedRevision ?? 0, validityMs, digest, caller) }
    const alert: WireAlert = {
      ...content,
      id: entry.id,
      revision: entry.revision + 1,
      detectionTimeMs: entry.alert.detectionTimeMs ?? 0,
      referenceTimeMs: wallMs,
      validUntilMs: Math.min(wallMs + validityMs, entry.keepUntilWallMs),
      keepUntilMs: entry.keepUntilWallMs,
      replaces: entry.alert.replaces ?? [],
    }
    return write({ alert }, { key, digest, alertKey: entry.key, alert: base64(alert), atMs: wallMs })
  }

  /** Only the origin writes revisions of its alerts; it knows the request again by its id. */
  async function ask(
    entry: AlertEntry<Shape>,
    content: WireAlert,
    expectedRevision: number,
    validityMs: number,
    digest: string,
    { role }: Caller,
  ): Promise<LiveAlert> {
    const askedBy = issuerRoles[role as keyof typeof issuerRoles]
    const alert = { ...content, id: entry.id }
    const request = { requestId: digest, alert, expectedRevision, validityMs: Math.floor(validityMs), askedBy }
    const reply = await askOrigin(entry.id.node, request)
    const failure = askFailures[reply.result as keyof typeof askFailures]
    if (failure !== undefined) throw new RpcFailure(failure, `${entry.id.node} answered: ${reply.problem || failure}`)
    return reply.alert ?? standing(entry.key)!
  }

  async function end(request: outrider.v1.AlertServiceEndRequest.$Properties, caller: Caller): Promise<Written> {
    const { key, digest } = identify(caller, 'End', request.requestId, AlertServiceEndRequest.encode(request).finish())
    const before = repeated(key, digest)
    if (before !== undefined) return before
    const entry = known(request.alertId, 'alert_id')
    if (entry.state === 'ended') return { alert: () => standing(entry.key)! }
    if (request.expectedRevision != null) expectRevision(entry, request.expectedRevision)
    const { wallMs } = board.now()
    const endedBy = issuerRoles[caller.role as keyof typeof issuerRoles]
    const isOwn = entry.id.node === region && entry.alert.issuerRole === endedBy
    const ending = { reason: endReasonOf(request.reason ?? 0, isOwn), endedTimeMs: wallMs, endedBy }
    const ended = { alertId: entry.id, revision: entry.revision, ending, keepUntilMs: entry.keepUntilWallMs }
    return write({ end: ended }, { key, digest, alertKey: entry.key, alert: base64({ ...entry.alert, ending }), atMs: wallMs })
  }

  function known(id: outrider.v1.AlertId.$Properties | null | undefined, field: string): AlertEntry<Shape> {
    const key = keyOf(id)
    if (key === undefined) throw new RpcFailure('invalid_argument', `${field} must name node, boot and sequence of an alert`)
    const entry = board.get(key)
    if (entry === undefined) throw new RpcFailure('not_found', `there is no alert ${key} here; it may be over and forgotten`)
    return entry
  }

  return {
    issue: (request, caller) => inTurn(() => issue(request, caller)),
    update: (request, caller) => inTurn(() => update(request, caller)),
    end: (request, caller) => inTurn(() => end(request, caller)),
  }
}

/** The alert as it stands when the reply goes, and the place of its record, if one was written. */
interface Written {
  readonly alert: () => LiveAlert | Promise<LiveAlert>
  readonly place?: number
}

/** An entry for a reply: an ended one has its ending, and nothing remains of its validity. */
export function liveAlertOf(entry: AlertEntry<Shape>, monotonicMs: number): LiveAlert {
  if (entry.state !== 'ended') return encodeLiveAlert(entry, monotonicMs)
  const alert: WireAlert = { ...(entry.alert ?? { id: entry.id, revision: entry.revision }), ending: entry.ending }
  return { alert, remainingMs: 0, keepRemainingMs: Math.max(0, Math.floor(entry.keepUntilMs - monotonicMs)) }
}

const askFailures = {
  [RevisionResult.REVISION_RESULT_CONFLICT]: 'aborted',
  [RevisionResult.REVISION_RESULT_ENDED]: 'failed_precondition',
  [RevisionResult.REVISION_RESULT_UNKNOWN]: 'not_found',
  [RevisionResult.REVISION_RESULT_INVALID]: 'invalid_argument',
  [RevisionResult.REVISION_RESULT_FORBIDDEN]: 'permission_denied',
} as const

function identify(
  { role, name }: Caller,
  method: string,
  requestId: string | null | undefined,
  content: Uint8Array,
): { key: string; digest: string } {
  const bytes = Buffer.byteLength(requestId ?? '')
  if (bytes < 1 || bytes > 64) throw new RpcFailure('invalid_argument', `request_id has ${bytes} bytes; must have 1 to 64`)
  const key = `${role}/${name}/${requestId}`
  return { key, digest: createHash('sha256').update(`${key}\n${method}\n`).update(content).digest('hex').slice(0, 32) }
}

function expectRevision(entry: AlertEntry<Shape>, expected: number): void {
  if (entry.revision === expected) return
  throw new RpcFailure('aborted', `the alert has revision ${entry.revision}, not ${expected}; read it again and decide anew`)
}

function validityOf(validityMs: number | null | undefined): number | undefined {
  if (validityMs == null) return undefined
  if (validityMs >= 1 && validityMs <= validityMsMax) return validityMs
  throw new RpcFailure('invalid_argument', `validity_ms is ${validityMs}; must be 1 to ${validityMsMax}`)
}

function defaultValidityMs(cause: number): number {
  const validityS = findCause(cause)?.defaults?.validityS
  if (validityS !== undefined) return validityS * 1_000
  throw new RpcFailure('invalid_argument', `validity_ms is missing; cause ${cause} has no default`)
}

function endReasonOf(reason: number, isOwn: boolean): outrider.v1.EndReason {
  if (reason === EndReason.END_REASON_UNSPECIFIED) return isOwn ? EndReason.END_REASON_CANCELLED : EndReason.END_REASON_NEGATED
  const allowed: number[] = [EndReason.END_REASON_RESOLVED, EndReason.END_REASON_CANCELLED, EndReason.END_REASON_NEGATED]
  if (allowed.includes(reason)) return reason
  throw new RpcFailure('invalid_argument', 'reason must be resolved, cancelled, negated or not said')
}

function base64(alert: WireAlert): string {
  return Buffer.from(Alert.encode(alert).finish()).toString('base64')
}
