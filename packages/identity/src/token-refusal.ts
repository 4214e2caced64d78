import { tokenCharactersMax } from './vehicle-token.js'

/** Why a token is refused, in the order of the checks, each with what to do. docs/identity.md has the same table; a test compares them. */
export const tokenRefusals = {
  too_large: `the token is longer than ${tokenCharactersMax} characters; present the token alone, as the issuer gave it`,
  malformed: 'this is not a signed JWT in compact form; present the token as the issuer gave it',
  wrong_algorithm: 'the token is not signed with EdDSA; the issuer must sign with Ed25519',
  unknown_key: 'the key that signed the token is not in the key file; get a new token, or put the public key into the key file',
  tampered: 'the signature does not fit the token; get a new one from the issuer',
  missing_claim: 'a claim is missing; the issuer must add it',
  bad_claim: 'a claim has a value that is not allowed; the issuer must correct it',
  wrong_issuer: 'another authority issued the token; present one of this authority',
  lifetime_too_long: 'the token lives longer than 24 hours; the issuer must shorten it',
  not_yet_valid: 'the token is not valid yet; check the clocks of issuer and vehicle',
  expired: 'the token has expired; get a new one from the issuer',
} as const

export type TokenRefusal = keyof typeof tokenRefusals

/** A refused token. `message` says what to do and holds nothing of the token. */
export interface RefusedToken {
  readonly ok: false
  readonly reason: TokenRefusal
  readonly message: string
  /** Set with `missing_claim` and `bad_claim`. */
  readonly claim?: string
}

export function refuseToken(reason: TokenRefusal): RefusedToken {
  return { ok: false, reason, message: tokenRefusals[reason] }
}

export function refuseClaim(reason: 'missing_claim' | 'bad_claim', claim: string): RefusedToken {
  return { ok: false, reason, message: `${claim}: ${tokenRefusals[reason]}`, claim }
}
