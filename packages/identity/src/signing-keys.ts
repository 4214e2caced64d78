import { generateKeyPairSync } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose'
import { clockToleranceMaxMs, tokenAlgorithm, tokenLifetimeMaxMs } from './vehicle-token.js'

// The issuer's keys over time. Each signs from its `signsFromMs` until that of the next one, and its public half stays published until the last
// token it can have signed is dead everywhere: a token's longest life plus the clock tolerance of the most lenient verifier later.

export interface SigningKey {
  /** `kid`: the JWK thumbprint (RFC 7638), so a key always has the same name and two never share one. */
  readonly keyId: string
  /** Ed25519, base64url of 32 bytes each. */
  readonly publicX: string
  readonly privateD: string
  /** Times in ms since 1970. */
  readonly createdAtMs: number
  readonly signsFromMs: number
}

const retentionMs = tokenLifetimeMaxMs + clockToleranceMaxMs

export async function generateSigningKey(createdAtMs: number, signsFromMs: number): Promise<SigningKey> {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string; d: string }
  const keyId = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })
  return { keyId, publicX: x, privateD: d, createdAtMs, signsFromMs }
}

/** The key that signs at a time: the one that began last. Undefined if none has begun. */
export function signingKeyAt(keys: readonly SigningKey[], atMs: number): SigningKey | undefined {
  return inOrder(keys).findLast(key => key.signsFromMs <= atMs)
}

/** When a key's public half may be taken away, ms since 1970; undefined while it has no successor. */
export function retiresAtMs(keys: readonly SigningKey[], key: SigningKey): number | undefined {
  const ordered = inOrder(keys)
  const successor = ordered[ordered.indexOf(key) + 1]
  return successor === undefined ? undefined : successor.signsFromMs + retentionMs
}

/** The keys whose tokens may still be alive at a time. Never leaves out the one that signs. */
export function keysInUse(keys: readonly SigningKey[], atMs: number): SigningKey[] {
  return inOrder(keys).filter(key => (retiresAtMs(keys, key) ?? Number.POSITIVE_INFINITY) > atMs)
}

function inOrder(keys: readonly SigningKey[]): SigningKey[] {
  return [...keys].sort((a, b) => a.signsFromMs - b.signsFromMs)
}

/** The public set (RFC 7517 §5), one line per key. */
export function publicKeySetText(keys: readonly SigningKey[]): string {
  return keySetText(keys.map(publicJwk))
}

/** The issuer's own set, private: the public one with `d` and times. */
export function signingKeysText(keys: readonly SigningKey[]): string {
  return keySetText(
    keys.map(key => ({
      ...publicJwk(key),
      d: key.privateD,
      createdAt: new Date(key.createdAtMs).toISOString(),
      signsFrom: new Date(key.signsFromMs).toISOString(),
    })),
  )
}

function publicJwk({ keyId, publicX }: SigningKey) {
  return { kid: keyId, kty: 'OKP', crv: 'Ed25519', alg: tokenAlgorithm, use: 'sig', x: publicX }
}

function keySetText(keys: readonly object[]): string {
  return `{"keys": [\n  ${keys.map(key => JSON.stringify(key)).join(',\n  ')}\n]}\n`
}

/** Reads what `signingKeysText` wrote; a text says what is wrong with it, and quotes nothing of it. */
export function readSigningKeys(text: string): SigningKey[] | string {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return 'not JSON'
    throw error
  }
  const entries = (set as { keys?: unknown } | null)?.keys
  if (!Array.isArray(entries)) return 'no "keys" array'
  const keys = entries.map(readSigningKey)
  const bad = keys.indexOf(undefined)
  return bad >= 0 ? `keys[${bad}] lacks one of kid, x, d, createdAt, signsFrom` : (keys as SigningKey[])
}

function readSigningKey(entry: Record<string, unknown> | null): SigningKey | undefined {
  const { kid, x, d, createdAt, signsFrom } = entry ?? {}
  const createdAtMs = Date.parse(String(createdAt))
  const signsFromMs = Date.parse(String(signsFrom))
  if (typeof kid !== 'string' || typeof x !== 'string' || typeof d !== 'string' || Number.isNaN(createdAtMs + signsFromMs)) return undefined
  return { keyId: kid, publicX: x, privateD: d, createdAtMs, signsFromMs }
}

export async function importSigningKey({ publicX, privateD }: SigningKey): Promise<CryptoKey> {
  return (await importJWK({ kty: 'OKP', crv: 'Ed25519', x: publicX, d: privateD }, tokenAlgorithm)) as CryptoKey
}
