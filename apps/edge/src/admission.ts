import { createHash, randomBytes } from 'node:crypto'
import type { TokenVerifier, VehicleIdentity, VerifiedToken } from '@outrider/identity'
import type { Problem } from './problem.js'

export type Admission = { readonly ok: true; readonly vehicle: VehicleIdentity } | RefusedAdmission
export type RefusedAdmission = { readonly ok: false; readonly reason: string } & Problem

/** Who a vehicle is: at once, unless the key of its token has to be looked for. Never throws or rejects for what a token holds. */
export type Admit = (token: string | undefined) => Admission | Promise<Admission>

export function admitByToken(verifier: TokenVerifier): Admit {
  return token => {
    if (token === undefined) {
      return { ok: false, reason: 'missing', problem: 'token_missing', detail: 'present the token in the Authorization header' }
    }
    const verified = verifier.verify(token)
    return verified instanceof Promise ? verified.then(admissionOf) : admissionOf(verified)
  }
}

function admissionOf(verified: VerifiedToken): Admission {
  if (verified.ok) return { ok: true, vehicle: verified.identity }
  return { ok: false, reason: verified.reason, problem: 'token_refused', detail: verified.message }
}

const dayMs = 86_400_000

/** Without keys (OUTRIDER_INSECURE=1) everybody comes in: equal tokens are one vehicle, and who has none is a new one each time. */
export function admitAnybody(authority: string, wallMs: () => number): Admit {
  return token => {
    const name = createHash('sha256')
      .update(token ?? randomBytes(16))
      .digest('base64url')
    const nowMs = wallMs()
    const today = Math.floor(nowMs / dayMs)
    const links = [today, today + 1].map(day => ({ day, link: name }))
    const times = { issuedAtMs: nowMs, validFromMs: nowMs, expiresAtMs: nowMs + dayMs }
    return { ok: true, vehicle: { authority, pseudonym: name, role: 'default', links, ...times, keyId: 'insecure' } }
  }
}
