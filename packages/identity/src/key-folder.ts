import { randomBytes, X509Certificate } from 'node:crypto'
import path from 'node:path'
import {
  type CertificateAndKey,
  type CertificateRequest,
  createAuthorityCertificate,
  createCertificateAuthority,
} from './certificate-authority.js'
import { IdentityError } from './identity-error.js'
import { createKeyFolderDisk, type KeyFolderAccess, type KeyFolderDisk } from './key-folder-disk.js'
import { certificateFiles, keyFolderFiles } from './key-folder-files.js'
import { isName } from './names.js'
import { type PeerIdentity, readPeerIdentity } from './peer-identity.js'
import { keySetKeysMax, readPublicKeys } from './public-keys.js'
import {
  generateSigningKey,
  importSigningKey,
  keysInUse,
  publicKeySetText,
  readSigningKeys,
  retiresAtMs,
  type SigningKey,
  signingKeyAt,
  signingKeysText,
} from './signing-keys.js'
import { createTokenIssuer, type TokenIssuer } from './token-issuer.js'

// An authority's keys on disk: the certificate authority, the issuer's signing keys and what is made from them (files: key-folder-files.ts).
//
// A signing key counts only if the private file holds it and the public file names it. So a rotation may be cut off anywhere, or run twice at once:
// a key in one file only signs nothing, and the next rotation drops it. Taking a key out of jwks.json by hand revokes it.
// `authority.json` is written last: a folder without it is an unfinished one.

export interface KeyFolderOptions {
  readonly path: string
  readonly files: KeyFolderAccess
  /** Wall time, ms since 1970. */
  readonly nowMs: () => number
}

export interface SigningKeyState {
  readonly keyId: string
  readonly createdAtMs: number
  readonly signsFromMs: number
  readonly state: 'waiting' | 'signing' | 'retiring'
  /** When a rotation may take it out of the public file; undefined while it has no successor. */
  readonly retiresAtMs: number | undefined
}

export interface CertificateState {
  /** Path inside the folder. */
  readonly file: string
  /** Undefined for the authority's own certificate, and for one that names nobody here. */
  readonly peer: PeerIdentity | undefined
  readonly expiresAtMs: number
}

export interface Rotation {
  readonly added: SigningKeyState
  /** `kid`s whose tokens are all dead, now out of both files. */
  readonly pruned: readonly string[]
}

export interface KeyFolder {
  readonly authority: string
  /** Issues tokens with the key that signs now. Throws `no_signing_key`. */
  tokenIssuer(): Promise<TokenIssuer>
  /** Publishes a new key, which signs from `activateAfterMs` on (at once if none signs now), and takes away those whose tokens are all dead. */
  rotate(activateAfterMs: number): Promise<Rotation>
  /** Writes a certificate and its key; returns their paths inside the folder. Throws `already_exists` unless `replace`. */
  addCertificate(
    request: CertificateRequest & { readonly replace?: boolean },
  ): Promise<{ readonly certificate: string; readonly key: string }>
  signingKeys(): Promise<readonly SigningKeyState[]>
  /** The authority's own first. */
  certificates(): Promise<readonly CertificateState[]>
  /** Secret files that others on this machine can read. */
  exposedFiles(): Promise<readonly string[]>
}

/**
 * Makes a key folder in an absent or empty folder: the authority, its first signing key (which signs at once), the link key and the certificates
 * asked for. Throws `IdentityError`: `bad_request` and `already_exists` before anything is written.
 */
export async function createKeyFolder(
  options: KeyFolderOptions & { readonly authority: string; readonly certificates: readonly CertificateRequest[] },
): Promise<KeyFolder> {
  const { nowMs, authority } = options
  const disk = createKeyFolderDisk(options.path, options.files)
  const now = nowMs()
  const ca = createAuthorityCertificate(authority, now)
  const issuing = createCertificateAuthority({ authority, ...ca, nowMs })
  const certificates = options.certificates.map(request => ({ ...certificateFiles(request.role, request.name), ...issuing.issue(request) }))
  const signingKeys = [await generateSigningKey(now, now)]
  await disk.make()
  await disk.write(keyFolderFiles.authorityKey, ca.keyPem)
  await disk.write(keyFolderFiles.authorityCertificate, ca.certificatePem)
  await disk.write(keyFolderFiles.linkKey, `${randomBytes(32).toString('base64url')}\n`)
  await disk.write(keyFolderFiles.signingKeys, signingKeysText(signingKeys))
  await disk.write(keyFolderFiles.keySet, publicKeySetText(signingKeys))
  for (const certificate of certificates) await writeCertificate(disk, certificate)
  await disk.write(keyFolderFiles.settings, `${JSON.stringify({ authority })}\n`)
  return openKeyFolder(options)
}

/** Opens a finished key folder. Throws `IdentityError` `key_folder_unusable`, as does every call that finds a file missing or damaged. */
export async function openKeyFolder({ path: root, files, nowMs }: KeyFolderOptions): Promise<KeyFolder> {
  const disk = createKeyFolderDisk(root, files)
  const authority = readAuthority(disk, await disk.read(keyFolderFiles.settings))

  async function countingKeys(): Promise<SigningKey[]> {
    const held = readSigningKeys(await disk.read(keyFolderFiles.signingKeys))
    if (typeof held === 'string') throw disk.unusable(keyFolderFiles.signingKeys, held)
    const published = await publishedKeyIds(disk)
    return held.filter(key => published.has(key.keyId))
  }

  return {
    authority,
    async tokenIssuer() {
      const key = signingKeyAt(await countingKeys(), nowMs())
      if (key === undefined) {
        throw new IdentityError(
          'no_signing_key',
          `${root}: no signing key is held, published and due; \`outrider keys rotate ${root}\` makes one`,
        )
      }
      const linkKey = Buffer.from((await disk.read(keyFolderFiles.linkKey)).trim(), 'base64url')
      if (linkKey.length !== 32) throw disk.unusable(keyFolderFiles.linkKey, 'not 32 bytes in base64url')
      return createTokenIssuer({ authority, keyId: key.keyId, signingKey: await importSigningKey(key), linkKey, nowMs })
    },
    async rotate(activateAfterMs) {
      if (!(activateAfterMs >= 0 && activateAfterMs <= activateAfterMaxMs)) {
        throw new IdentityError('bad_request', `the new key would sign after ${activateAfterMs} ms; it must be 0 to 30 days`)
      }
      const now = nowMs()
      const before = await countingKeys()
      const kept = keysInUse(before, now)
      if (kept.length >= keySetKeysMax) {
        throw new IdentityError(
          'bad_request',
          `${root}: ${kept.length} keys are in use, the most there may be; rotate again when the oldest has retired`,
        )
      }
      const added = await generateSigningKey(now, signingKeyAt(kept, now) === undefined ? now : now + activateAfterMs)
      const after = [...kept, added]
      await disk.write(keyFolderFiles.keySet, publicKeySetText(after))
      await disk.write(keyFolderFiles.signingKeys, signingKeysText(after))
      const pruned = before.filter(key => !kept.includes(key)).map(key => key.keyId)
      return { added: stateOf(after, added, now), pruned }
    },
    async addCertificate({ replace = false, ...request }) {
      const certificatePem = await disk.read(keyFolderFiles.authorityCertificate)
      const keyPem = await disk.read(keyFolderFiles.authorityKey)
      const issued = createCertificateAuthority({ authority, certificatePem, keyPem, nowMs }).issue(request)
      const { certificate, key } = certificateFiles(request.role, request.name)
      if (!replace && (await disk.certificates()).includes(certificate)) {
        throw new IdentityError(
          'already_exists',
          `${path.join(root, certificate)} is there already; --replace puts a new key and certificate in its place`,
        )
      }
      await writeCertificate(disk, { certificate, key, ...issued })
      return { certificate, key }
    },
    async signingKeys() {
      const keys = await countingKeys()
      return keys.map(key => stateOf(keys, key, nowMs()))
    },
    async certificates() {
      const all = [keyFolderFiles.authorityCertificate.path, ...(await disk.certificates())]
      return Promise.all(all.map(async file => certificateState(disk, file, authority, await disk.read({ path: file }))))
    },
    exposedFiles: disk.exposed,
  }
}

/** A month: who plans further ahead rotates later. */
const activateAfterMaxMs = 30 * 86_400_000

function stateOf(keys: readonly SigningKey[], key: SigningKey, now: number): SigningKeyState {
  const { keyId, createdAtMs, signsFromMs } = key
  const state = signsFromMs > now ? 'waiting' : key === signingKeyAt(keys, now) ? 'signing' : 'retiring'
  return { keyId, createdAtMs, signsFromMs, state, retiresAtMs: retiresAtMs(keys, key) }
}

function certificateState(disk: KeyFolderDisk, file: string, authority: string, pem: string): CertificateState {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch (cause) {
    throw disk.unusable({ path: file }, 'not a certificate in PEM', cause)
  }
  const identity = readPeerIdentity(certificate, authority)
  return { file, peer: identity.ok ? identity.peer : undefined, expiresAtMs: Date.parse(certificate.validTo) }
}

function readAuthority(disk: KeyFolderDisk, text: string): string {
  try {
    const { authority } = JSON.parse(text) as { authority?: unknown }
    if (typeof authority === 'string' && isName(authority)) return authority
  } catch (cause) {
    throw disk.unusable(keyFolderFiles.settings, 'not JSON', cause)
  }
  throw disk.unusable(keyFolderFiles.settings, 'no "authority" in it, or not a name')
}

async function publishedKeyIds(disk: KeyFolderDisk): Promise<ReadonlySet<string>> {
  const published = await readPublicKeys(await disk.read(keyFolderFiles.keySet))
  if (!published.ok) throw disk.unusable(keyFolderFiles.keySet, published.problems.join('; '))
  return new Set(published.keys.keys())
}

/** The key first: a certificate whose key is missing would look finished. */
async function writeCertificate(
  disk: KeyFolderDisk,
  { certificate, key, certificatePem, keyPem }: { certificate: string; key: string } & CertificateAndKey,
): Promise<void> {
  await disk.write({ path: key, isSecret: true }, keyPem)
  await disk.write({ path: certificate, isSecret: false }, certificatePem)
}
