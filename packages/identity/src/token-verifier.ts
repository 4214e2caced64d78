import { KeyObject, verify as verifySignature, type webcrypto } from 'node:crypto'
import { type CryptoKey, decodeProtectedHeader } from 'jose'
import { IdentityError } from './identity-error.js'
import { utcDay } from './link.js'
import { requireName } from './names.js'
import { type RefusedToken, refuseClaim, refuseToken } from './token-refusal.js'
import {
  clockToleranceMaxMs,
  isVehicleRole,
  tokenAlgorithm,
  tokenCharactersMax,
  tokenLifetimeMaxMs,
  type VehicleIdentity,
} from './vehicle-token.js'

/** Where a verifier finds public keys; `createKeyFile` is one. */
export interface KeySource {
  /** The Ed25519 public key with this `kid`, at once if it is at hand; or undefined if there is none now. Must not throw for an unknown one. */
  find(keyId: string): CryptoKey | undefined | Promise<CryptoKey | undefined>
}

export interface TokenVerifierOptions {
  readonly keys: KeySource
  /** The only `iss` accepted. */
  readonly authority: string
  /** Corrected wall time, ms since 1970. */
  readonly nowMs: () => number
  /** How far the issuer's clock may be off, 0 to 300,000 ms; default 30 s. */
  readonly toleranceMs?: number
}

export type VerifiedToken = { readonly ok: true; readonly identity: VehicleIdentity } | RefusedToken

export interface TokenVerifier {
  /**
   * Takes any text. Never throws for what a token holds; the reasons are those of `tokenRefusals`. At once, 0.1 ms, unless its key has to be
   * looked for.
   */
  verify(token: string): VerifiedToken | Promise<VerifiedToken>
}

/** Verifies vehicle tokens. Holds no state of its own: any number of calls may run at once, also while keys change. */
export function createTokenVerifier({ keys, authority, nowMs, toleranceMs = 30_000 }: TokenVerifierOptions): TokenVerifier {
  requireName('authority', authority)
  if (!(toleranceMs >= 0 && toleranceMs <= clockToleranceMaxMs)) {
    throw new IdentityError('bad_request', `toleranceMs is ${toleranceMs}; it must be 0 to ${clockToleranceMaxMs}`)
  }
  function judge(token: string, key: CryptoKey | undefined, keyId: string): VerifiedToken {
    if (key === undefined) return refuseToken('unknown_key')
    const claims = readSigned(token, key)
    if (typeof claims === 'string') return refuseToken(claims)
    const read = readIdentity(claims, authority, keyId)
    if (!read.ok) return read
    const now = nowMs()
    if (now + toleranceMs < read.identity.validFromMs) return refuseToken('not_yet_valid')
    if (now - toleranceMs >= read.identity.expiresAtMs) return refuseToken('expired')
    return read
  }

  return {
    verify(token) {
      if (token.length > tokenCharactersMax) return refuseToken('too_large')
      const header = readHeader(token)
      if (header === undefined) return refuseToken('malformed')
      if (header.alg !== tokenAlgorithm) return refuseToken('wrong_algorithm')
      if (typeof header.kid !== 'string') return refuseToken('unknown_key')
      const { kid } = header
      const key = keys.find(kid)
      return key instanceof Promise ? key.then(found => judge(token, found, kid)) : judge(token, key, kid)
    },
  }
}

const compactForm = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** Header parameters that must be understood (`crit`, RFC 7515 §4.1.11) are none of ours, so a token that has some is malformed to us. */
function readHeader(token: string): { alg?: unknown; kid?: unknown } | undefined {
  if (!compactForm.test(token)) return undefined
  try {
    const header = decodeProtectedHeader(token)
    return 'crit' in header ? undefined : header
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** The claims of a JWS in compact form (RFC 7515, 5.2) whose header was looked at before. */
function readSigned(token: string, key: CryptoKey): Claims | 'tampered' | 'malformed' {
  // 64 bytes are 86 characters with four bits to spare; decoders ignore those, so that 16 spellings would pass as one signature.
  const end = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(end + 1), 'base64url')
  if (signature.toString('base64url') !== token.slice(end + 1)) return 'tampered'
  const publicKey = KeyObject.from(key as webcrypto.CryptoKey)
  if (!verifySignature(null, Buffer.from(token.slice(0, end)), publicKey, signature)) return 'tampered'
  return readClaims(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url'))
}

function readClaims(payload: Uint8Array): Claims | 'malformed' {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    return isClaims(claims) ? claims : 'malformed'
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return 'malformed'
    throw error
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Every claim there must be, and what it may hold. A pseudonym has at least 22 characters, so that no plate (≤ 10) or VIN (17)
 * can pass for one. Times are seconds since 1970, before the year 2286: a time in milliseconds is caught here.
 */
const claimRules: { readonly [Claim in Exclude<keyof CheckedClaims, 'lnn'>]: (value: unknown) => boolean } = {
  sub: value => typeof value === 'string' && /^[\w-]{22,64}$/.test(value),
  role: isVehicleRole,
  lnk: isLink,
  iat: isTime,
  nbf: isTime,
  exp: isTime,
}

function isLink(value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value)
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < 1e10
}

function readIdentity(claims: Claims, authority: string, keyId: string): VerifiedToken {
  if (claims.iss === undefined) return refuseClaim('missing_claim', 'iss')
  if (claims.iss !== authority) return refuseToken('wrong_issuer')
  for (const [claim, isAllowed] of Object.entries(claimRules) as [keyof Claims, (value: unknown) => boolean][]) {
    if (claims[claim] === undefined) return refuseClaim('missing_claim', claim)
    if (!isAllowed(claims[claim])) return refuseClaim('bad_claim', claim)
  }
  const { sub, role, lnk, lnn, iat, nbf, exp } = claims as CheckedClaims
  if (lnn !== undefined && !isLink(lnn)) return refuseClaim('bad_claim', 'lnn')
  if (exp <= Math.max(iat, nbf)) return refuseClaim('bad_claim', 'exp')
  if ((exp - iat) * 1000 > tokenLifetimeMaxMs) return refuseToken('lifetime_too_long')
  const day = utcDay(iat * 1000)
  if (lnn === undefined && utcDay(exp * 1000 - 1) > day) return refuseClaim('missing_claim', 'lnn')
  const links =
    lnn === undefined
      ? [{ day, link: lnk }]
      : [
          { day, link: lnk },
          { day: day + 1, link: lnn },
        ]
  const validFromMs = Math.max(iat, nbf) * 1000
  return {
    ok: true,
    identity: { authority, pseudonym: sub, role, links, issuedAtMs: iat * 1000, validFromMs, expiresAtMs: exp * 1000, keyId },
  }
}

/** The claims once `claimRules` have passed them. */
interface CheckedClaims {
  readonly sub: string
  readonly role: VehicleIdentity['role']
  readonly lnk: string
  readonly lnn?: string
  readonly iat: number
  readonly nbf: number
  readonly exp: number
}

type Claims = { readonly [Claim in keyof CheckedClaims | 'iss']?: unknown }
