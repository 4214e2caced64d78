import type { DayLink } from './link.js'

// What a vehicle token is: a JWT signed with Ed25519 (RFC 7519, 8037), claims as in docs/identity.md. Issuer and verifier both build on this file.

/** The only signature algorithm there is. */
export const tokenAlgorithm = 'EdDSA'

/** Vehicle roles: VehicleRole of the CAM (ETSI TS 102 894-2) in snake case; `default` is an ordinary vehicle. */
export const vehicleRoles = [
  'default',
  'public_transport',
  'special_transport',
  'dangerous_goods',
  'road_work',
  'rescue',
  'emergency',
  'safety_car',
  'agriculture',
  'commercial',
  'military',
  'road_operator',
  'taxi',
] as const

export type VehicleRole = (typeof vehicleRoles)[number]

export function isVehicleRole(value: unknown): value is VehicleRole {
  return vehicleRoles.includes(value as VehicleRole)
}

/** Longest life of a token, and so of a pseudonym, from `iat` to `exp`. */
export const tokenLifetimeMaxMs = 86_400_000

/** Most a verifier may allow for its clock against the issuer's. A node's time is corrected to well under a second; minutes cover an issuer that is not. */
export const clockToleranceMaxMs = 300_000

/**
 * How far beyond `exp` the links of a token reach. A verifier may take a token this long after its `exp` (its tolerance) beside one
 * that begins a tolerance later still, so two tolerances keep a day in common between any two tokens taken at one moment.
 */
export const linkMarginMs = 2 * clockToleranceMaxMs

/** An honest token has about 500 characters; a request header may have 4 KB in all. Longer ones are refused unread. */
export const tokenCharactersMax = 2048

/** Longest enrolment, in UTF-16 units. */
export const enrolmentCharactersMax = 256

/** What a verified token says about a vehicle. Nothing in it names the vehicle beyond a day. */
export interface VehicleIdentity {
  /** The authority (tenant) that issued the token. */
  readonly authority: string
  /** `sub`: the vehicle's name, 22 to 64 base64url characters, at most 24 h old when the token ends. */
  readonly pseudonym: string
  readonly role: VehicleRole
  /** One entry, or two if the token lives across midnight UTC. For `areIndependent`; stays inside the node. */
  readonly links: readonly DayLink[]
  /** Times in ms since 1970, as the issuer's clock had them. */
  readonly issuedAtMs: number
  readonly validFromMs: number
  readonly expiresAtMs: number
  /** `kid` of the key that signed. */
  readonly keyId: string
}
