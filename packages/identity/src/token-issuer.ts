import { type CryptoKey, SignJWT } from 'jose'
import { IdentityError } from './identity-error.js'
import { type DayLink, linkOf, pseudonymOf, utcDay, utcDayStartMs } from './link.js'
import { requireName } from './names.js'
import {
  enrolmentCharactersMax,
  isVehicleRole,
  linkMarginMs,
  tokenAlgorithm,
  tokenLifetimeMaxMs,
  type VehicleIdentity,
  type VehicleRole,
  vehicleRoles,
} from './vehicle-token.js'

export interface TokenIssuerOptions {
  readonly authority: string
  readonly keyId: string
  /** Ed25519 private key. */
  readonly signingKey: CryptoKey
  /** 32 bytes, the same for every issuer of the authority: with another key one vehicle would count as two. */
  readonly linkKey: Uint8Array
  /** Corrected wall time, ms since 1970. */
  readonly nowMs: () => number
}

export interface TokenRequest {
  /** Who the vehicle is to the issuer, 1 to 256 characters. Enters the token only through keyed daily hashes. */
  readonly enrolment: string
  readonly role: VehicleRole
  /** 1,000 to 86,400,000 ms, rounded down to whole seconds. */
  readonly lifetimeMs: number
}

export interface IssuedToken {
  /** JWT in compact form. */
  readonly token: string
  /** What a verifier will read from it. */
  readonly identity: VehicleIdentity
}

export interface TokenIssuer {
  /** Throws `IdentityError` `bad_request`. */
  issue(request: TokenRequest): Promise<IssuedToken>
}

/** Issues vehicle tokens. Two tokens of one enrolment on one UTC day have the same pseudonym and link. */
export function createTokenIssuer({ authority, keyId, signingKey, linkKey, nowMs }: TokenIssuerOptions): TokenIssuer {
  requireName('authority', authority)
  return {
    async issue(request) {
      requireTokenRequest(request)
      const { enrolment, role, lifetimeMs } = request
      const issuedAtS = Math.floor(nowMs() / 1000)
      const day = utcDay(issuedAtS * 1000)
      const expiresAtS = Math.min(issuedAtS + Math.floor(lifetimeMs / 1000), lastExpiryS(day))
      const pseudonym = pseudonymOf(linkKey, enrolment, day)
      const link = linkOf(linkKey, enrolment, day)
      const links: DayLink[] = [{ day, link }]
      const claims: Record<string, unknown> = { role, lnk: link }
      if (utcDay(expiresAtS * 1000 + linkMarginMs) > day) {
        const nextLink = linkOf(linkKey, enrolment, day + 1)
        links.push({ day: day + 1, link: nextLink })
        claims.lnn = nextLink
      }
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: tokenAlgorithm, kid: keyId, typ: 'JWT' })
        .setIssuer(authority)
        .setSubject(pseudonym)
        .setIssuedAt(issuedAtS)
        .setNotBefore(issuedAtS)
        .setExpirationTime(expiresAtS)
        .sign(signingKey)
      const issuedAtMs = issuedAtS * 1000
      return {
        token,
        identity: { authority, pseudonym, role, links, issuedAtMs, validFromMs: issuedAtMs, expiresAtMs: expiresAtS * 1000, keyId },
      }
    },
  }
}

/** Keeps a token's life plus margin within two UTC days, for which it has links: costs a 24 h token of a day's last ten minutes up to as much. */
function lastExpiryS(day: number): number {
  return (utcDayStartMs(day + 2) - linkMarginMs) / 1000 - 1
}

function requireTokenRequest({ enrolment, role, lifetimeMs }: TokenRequest): void {
  if (enrolment.length === 0 || enrolment.length > enrolmentCharactersMax) {
    throw new IdentityError('bad_request', `the enrolment has ${enrolment.length} characters; it must have 1 to ${enrolmentCharactersMax}`)
  }
  if (!isVehicleRole(role)) {
    throw new IdentityError('bad_request', `role is ${JSON.stringify(role)}; it must be one of ${vehicleRoles.join(', ')}`)
  }
  if (!(lifetimeMs >= 1000 && lifetimeMs <= tokenLifetimeMaxMs)) {
    throw new IdentityError('bad_request', `the lifetime is ${lifetimeMs} ms; it must be 1 second to 24 hours`)
  }
}
