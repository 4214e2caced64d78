// Where and when to connect again, from how the link ended: the protocol's table of close codes, overruled by what a drain or error
// frame said before. Waits are at least what was asked for and up to as much again at random; failures in a row add a backoff of their
// own, all of it random, so that the vehicles of a dead node do not come back as one.
import type { CloseCode, ReconnectWhere, outrider as wire } from '@outrider/protocol'
import { closeCodes, outrider } from '@outrider/protocol'
import type { SdkErrorCode } from './sdk-error.js'

const { ReconnectTarget } = outrider.v1

/** Backoff after the first failure, doubled by each further one: 0.5, 1, 2 … 30 s. */
const backoffMs = 500
const backoffMsMax = 30_000
/** Longest wait that is taken from a node (frame.proto, Reconnect.after_ms). */
const afterMsMax = 600_000
/** After as many failures in a row the node is gone rather than busy, so another one is tried. */
const failuresAtOneMax = 2

const byCode: ReadonlyMap<number, CloseCode> = new Map(Object.values(closeCodes).map(entry => [entry.code, entry]))

/** How a link ended. */
export interface LinkEnd {
  /** Close code; 1006 = without one. */
  readonly code: number
  readonly httpStatus?: number | undefined
  readonly reason: string
  /** What the node said in a drain or error frame before. */
  readonly told?: wire.v1.Reconnect.$Properties | null | undefined
}

export type ReconnectPlan =
  | { readonly kind: 'never'; readonly error: SdkErrorCode }
  | {
      readonly kind: 'again'
      readonly where: ReconnectWhere
      /** For `named`. */
      readonly url: string | undefined
      readonly waitMs: number
      /** Why a new token is needed, if one is. */
      readonly token: 'expired' | 'refused' | undefined
    }

export interface ReconnectContext {
  /** Links in a row that failed or did not last, this one included: from 1. */
  readonly failures: number
  /** Whether a token can be asked for anew. */
  readonly canRenewToken: boolean
  /** Whether the token that was refused had already been fetched because one was refused. */
  readonly wasRenewed: boolean
  readonly random: () => number
}

export function planReconnect(end: LinkEnd, context: ReconnectContext): ReconnectPlan {
  const { failures, random } = context
  const token = tokenProblem(end)
  if (token !== undefined && (!context.canRenewToken || (token === 'refused' && context.wasRenewed))) {
    return { kind: 'never', error: token === 'expired' ? 'token_expired' : 'token_refused' }
  }
  const row = byCode.get(end.code)
  const told = end.told ?? undefined
  if (told !== undefined && !told.allowed && token === undefined) return { kind: 'never', error: 'dismissed' }
  if (told === undefined && row?.reconnect === 'never' && token === undefined) return { kind: 'never', error: errorOfRow(row) }
  const afterMs = Math.min(afterMsMax, told?.afterMs ?? row?.afterMs ?? 0)
  // A node that says goodbye has spread its vehicles itself; the backoff is for its second goodbye in a row.
  const backoffs = told === undefined && row === undefined ? failures : failures - 1
  const backoff = backoffs < 1 ? 0 : Math.min(backoffMsMax, backoffMs * 2 ** (backoffs - 1))
  return {
    kind: 'again',
    where: whereTo(told, row, failures),
    url: told?.url || undefined,
    waitMs: Math.max(afterMs * (1 + random()), backoff * random()),
    token,
  }
}

/** Where a drain sends the vehicle while its link is still up; undefined = it is to stay until it is closed. */
export function planMove(told: wire.v1.Reconnect.$Properties | null | undefined, closesInMs: number, random: () => number) {
  if (told?.allowed !== true) return undefined
  const afterMs = Math.min(afterMsMax, told.afterMs ?? 0)
  // Calmly: a drained node's vehicles spread over the first half of the time it gives them.
  const spreadMs = Math.max(afterMs, Math.min(5_000, closesInMs / 2))
  return { where: whereTold(told), url: told.url || undefined, waitMs: afterMs + spreadMs * random() }
}

function whereTo(told: wire.v1.Reconnect.$Properties | undefined, row: CloseCode | undefined, failures: number): ReconnectWhere {
  if (told !== undefined) return whereTold(told)
  if (row !== undefined && row.reconnect !== 'never') return row.reconnect
  return failures > failuresAtOneMax ? 'neighbour' : 'same'
}

function whereTold(told: wire.v1.Reconnect.$Properties): ReconnectWhere {
  if (told.url) return 'named'
  if (told.target === ReconnectTarget.RECONNECT_TARGET_SAME) return 'same'
  return told.target === ReconnectTarget.RECONNECT_TARGET_NEIGHBOUR ? 'neighbour' : 'locate'
}

/** A refused upgrade says it by HTTP status, an open socket by close code. */
function tokenProblem(end: LinkEnd): 'expired' | 'refused' | undefined {
  if (end.code === closeCodes.tokenExpired.code) return 'expired'
  return end.code === closeCodes.tokenRefused.code || end.httpStatus === 401 || end.httpStatus === 403 ? 'refused' : undefined
}

function errorOfRow(row: CloseCode): SdkErrorCode {
  return row.code === closeCodes.replaced.code ? 'replaced' : 'dismissed'
}
