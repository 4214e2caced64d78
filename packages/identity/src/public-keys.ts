import { type CryptoKey, importJWK } from 'jose'

/** A key set is a few hundred bytes per key; a bigger file is not one. */
export const keySetBytesMax = 65_536

/** A key stays for 24 h after its successor signs, so hourly rotation holds 26 at once. A set with more is refused. */
export const keySetKeysMax = 32

export type PublicKeysResult =
  | { readonly ok: true; readonly keys: ReadonlyMap<string, CryptoKey> }
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * Reads a JWKS (RFC 7517 §5) of Ed25519 public keys (RFC 8037). The set counts as a whole: one bad key and none is taken, every problem named
 * by index, because half a set would refuse the tokens of the other half without anyone having meant it.
 */
export async function readPublicKeys(text: string): Promise<PublicKeysResult> {
  const entries = readEntries(text)
  if (typeof entries === 'string') return { ok: false, problems: [entries] }
  const keys = new Map<string, CryptoKey>()
  const problems: string[] = []
  for (const [index, entry] of entries.entries()) {
    const problem = problemOf(entry) ?? (await importInto(keys, entry as PublicJwk))
    if (problem !== undefined) problems.push(`keys[${index}]: ${problem}`)
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, keys }
}

function readEntries(text: string): readonly unknown[] | string {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch (error) {
    // The parser's own message quotes the text, which could hold a private key.
    if (error instanceof SyntaxError) return 'not JSON; it must be a JWKS: {"keys": […]}'
    throw error
  }
  const entries = (set as { keys?: unknown } | null)?.keys
  if (!Array.isArray(entries)) return 'no "keys" array; it must be a JWKS: {"keys": […]}'
  if (entries.length === 0 || entries.length > keySetKeysMax) return `${entries.length} keys; there must be 1 to ${keySetKeysMax}`
  return entries
}

interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly kid: string
  readonly x: string
}

/** Members that make a JWK private or symmetric (RFC 7518 §6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

function problemOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'not an object'
  const key = entry as Record<string, unknown>
  const secret = privateMembers.find(member => key[member] !== undefined)
  if (secret !== undefined) {
    return `holds a PRIVATE key (member "${secret}"); take the file away from here, rotate the keys, and use jwks.json, which holds public ones only`
  }
  if (key.kty !== 'OKP' || key.crv !== 'Ed25519') return 'kty and crv must be "OKP" and "Ed25519"'
  if (key.alg !== undefined && key.alg !== 'EdDSA' && key.alg !== 'Ed25519') return 'alg must be "EdDSA" or absent'
  if (key.use !== undefined && key.use !== 'sig') return 'use must be "sig" or absent'
  if (typeof key.kid !== 'string' || !/^[\w.-]{1,64}$/.test(key.kid))
    return 'kid must be 1 to 64 letters, digits, dots, underscores or hyphens'
  if (typeof key.x !== 'string' || !/^[\w-]{43}$/.test(key.x)) return 'x must be 32 bytes in base64url (43 characters)'
  return undefined
}

async function importInto(keys: Map<string, CryptoKey>, { kty, crv, kid, x }: PublicJwk): Promise<string | undefined> {
  if (keys.has(kid)) return `kid ${JSON.stringify(kid)} stands twice`
  const key = await importJWK({ kty, crv, x }, 'EdDSA')
  if (key instanceof Uint8Array) return 'not a public key'
  keys.set(kid, key)
  return undefined
}
