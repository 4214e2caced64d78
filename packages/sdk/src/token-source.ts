import { SdkError } from './sdk-error.js'

/** Why a token is wanted. `refresh`: the one in use is about to expire. */
export type TokenReason = 'connect' | 'refresh' | 'expired' | 'refused'

/** The vehicle's JWT, or a function that gets one; the function may answer from a cache unless the reason says that one is spent. */
export type Token = string | ((reason: TokenReason) => string | Promise<string>)

/** A token is renewed a tenth of its life before its end, at least half a minute, at most ten minutes. */
const marginShare = 0.1
const marginMsMin = 30_000
const marginMsMax = 600_000

/** Nor sooner than this after it was got, if it is a short-lived one. */
const refreshAfterMsMin = 5_000

/** Characters of a JWT, all of them allowed in a header and in a subprotocol. */
const tokenPattern = /^[A-Za-z0-9._-]+$/

/** @throws SdkError `token_unavailable` */
export function checkToken(token: unknown): string {
  if (typeof token === 'string' && tokenPattern.test(token)) return token
  throw new SdkError('token_unavailable', 'the token is not a JWT: base64url text with dots', { field: 'token' })
}

/**
 * When to fetch the next token: wall time in ms since 1970-01-01 UTC; Infinity if the token does not say when it ends.
 * The claims are read, not verified: that is the node's business.
 */
export function refreshTimeMs(token: string, nowMs: number): number {
  const { exp } = claims(token)
  if (exp === undefined) return Number.POSITIVE_INFINITY
  const lifeMs = exp * 1_000 - nowMs
  const marginMs = Math.min(marginMsMax, Math.max(marginMsMin, lifeMs * marginShare))
  return nowMs + Math.max(refreshAfterMsMin, lifeMs - marginMs)
}

function claims(token: string): { readonly exp?: number } {
  try {
    const part = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const parsed: unknown = JSON.parse(atob(part))
    const exp = (parsed as { exp?: unknown } | null)?.exp
    return typeof exp === 'number' && Number.isFinite(exp) ? { exp } : {}
  } catch {
    // Not a JWT we can read: the node will say when it is over.
    return {}
  }
}
