import { createHash } from 'node:crypto'
import { type KeyFolder, openKeyFolder, type TokenIssuer, type VehicleRole } from '@outrider/identity'

/** Tokens for simulated vehicles; each call makes a new one. */
export interface VehicleTokens {
  /** @param enrolment who the vehicle is to the issuer, any text; equal ones are one vehicle */
  issue(enrolment: string, role: VehicleRole): Promise<string>
}

/** An hour: the SDK renews each a few minutes before its end, so that a long run tries that too. */
const lifetimeMs = 3_600_000
/** The issuer is read again after this long, so that a rotation of keys is followed. */
const issuerMs = 60_000

export interface KeyedTokensOptions {
  readonly folder: string
  readonly files: Parameters<typeof openKeyFolder>[0]['files']
  readonly nowMs: () => number
}

/**
 * Tokens by the issuer's key of a folder made by `outrider keys init`.
 * @throws IdentityError `key_folder_unusable`, `no_signing_key`
 */
export async function createKeyedTokens({ folder, files, nowMs }: KeyedTokensOptions): Promise<VehicleTokens> {
  const keys: KeyFolder = await openKeyFolder({ path: folder, files, nowMs })
  let issuer: Promise<TokenIssuer> = keys.tokenIssuer()
  let readAtMs = nowMs()
  await issuer
  return {
    async issue(enrolment, role) {
      if (nowMs() - readAtMs >= issuerMs) {
        issuer = keys.tokenIssuer()
        readAtMs = nowMs()
      }
      // Hashed: a recording may name its vehicles in more characters than an enrolment has.
      const issued = await (await issuer).issue({ enrolment: hash(enrolment), role, lifetimeMs })
      return issued.token
    },
  }
}

/** For nodes that run with OUTRIDER_INSECURE=1, where any text is a token and equal ones are one vehicle. */
export const insecureTokens: VehicleTokens = { issue: async enrolment => `insecure.${hash(enrolment)}` }

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
