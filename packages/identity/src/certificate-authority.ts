import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { id_kp_clientAuth, id_kp_serverAuth } from '@peculiar/asn1-x509'
import { encodeCertificate } from './certificate-der.js'
import { IdentityError } from './identity-error.js'
import { requireName } from './names.js'
import { isPeerRole, type PeerRole, peerRoles, spiffeIdOf } from './peer-identity.js'

const dayMs = 86_400_000
const authorityLifetimeMs = 3650 * dayMs

/** Life of a node's or service's certificate unless said otherwise: a year, so that renewal is practised. */
export const certificateLifetimeDefaultMs = 365 * dayMs

/** A certificate begins this long before it is made, so that a peer whose clock is behind takes it at once. */
const clockSkewMs = 300_000

/** Where a server answers if nothing else is said: this machine only. */
export const defaultHosts: readonly string[] = ['localhost', '127.0.0.1', '::1']

/** A certificate and its private key, both PEM (PKCS #8 for the key). */
export interface CertificateAndKey {
  readonly certificatePem: string
  readonly keyPem: string
}

export interface CertificateRequest {
  readonly role: PeerRole
  readonly name: string
  /** DNS names and IP addresses it is served under, at most 32; ignored for operators and partners, who serve nothing. Default: this machine. */
  readonly hosts?: readonly string[]
  /** From now, 1 minute or more; cut to the life of the authority's own certificate. Default: a year. */
  readonly lifetimeMs?: number
}

export interface CertificateAuthority {
  /** Makes a new key and a certificate for it. Throws `IdentityError` `bad_request`. */
  issue(request: CertificateRequest): CertificateAndKey
}

/** A new authority: self-signed, ECDSA P-256 (Ed25519 certificates are refused by some TLS stacks), ten years, no authorities below it. */
export function createAuthorityCertificate(authority: string, nowMs: number): CertificateAndKey {
  requireName('authority', authority)
  const { publicKey, privateKey } = generateKeyPair()
  const certificatePem = encodeCertificate({
    subject: { unit: 'authority', name: authority },
    subjectKey: publicKey,
    issuer: { unit: 'authority', name: authority },
    issuerKey: publicKey,
    signingKey: privateKey,
    notBeforeMs: nowMs - clockSkewMs,
    notAfterMs: nowMs + authorityLifetimeMs,
    use: { kind: 'authority' },
  })
  return { certificatePem, keyPem: pemOf(privateKey) }
}

export interface CertificateAuthorityOptions extends CertificateAndKey {
  readonly authority: string
  /** Corrected wall time, ms since 1970. */
  readonly nowMs: () => number
}

/** Opens an authority from its PEM files. Throws `IdentityError` `key_folder_unusable` if they are not PEM or do not belong together. */
export function createCertificateAuthority({
  authority,
  certificatePem,
  keyPem,
  nowMs,
}: CertificateAuthorityOptions): CertificateAuthority {
  const signingKey = openAuthority(certificatePem, keyPem)
  const authorityEndsAtMs = Date.parse(new X509Certificate(certificatePem).validTo)
  return {
    issue({ role, name, hosts = defaultHosts, lifetimeMs = certificateLifetimeDefaultMs }) {
      const now = nowMs()
      requireRequest(role, name, hosts, lifetimeMs)
      if (authorityEndsAtMs <= now)
        throw new IdentityError('key_folder_unusable', 'the authority has expired; make a new key folder and hand out its certificates')
      const { publicKey, privateKey } = generateKeyPair()
      const isServer = role !== 'operator' && role !== 'partner'
      const certificatePem = encodeCertificate({
        subject: { unit: role, name },
        subjectKey: publicKey,
        issuer: { unit: 'authority', name: authority },
        issuerKey: createPublicKey(signingKey),
        signingKey,
        notBeforeMs: now - clockSkewMs,
        notAfterMs: Math.min(now + lifetimeMs, authorityEndsAtMs),
        use: {
          kind: 'leaf',
          uri: spiffeIdOf({ authority, role, name }),
          hosts: isServer ? hosts : [],
          purposes: isServer ? [id_kp_serverAuth, id_kp_clientAuth] : [id_kp_clientAuth],
        },
      })
      return { certificatePem, keyPem: pemOf(privateKey) }
    },
  }
}

function openAuthority(certificatePem: string, keyPem: string): KeyObject {
  let belongTogether: boolean
  let signingKey: KeyObject
  try {
    signingKey = createPrivateKey(keyPem)
    belongTogether = new X509Certificate(certificatePem).checkPrivateKey(signingKey)
  } catch (cause) {
    throw new IdentityError('key_folder_unusable', 'ca.pem and ca-key.pem must hold a certificate and a private key in PEM', { cause })
  }
  if (!belongTogether)
    throw new IdentityError('key_folder_unusable', 'ca-key.pem is not the key of ca.pem; bring back the two that belong together')
  return signingKey
}

/** Letters, digits and hyphens between dots (RFC 1123 §2.1), the first label may be `*`. */
const dnsName = /^(?:\*\.)?(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i
const hostsMax = 32

function requireRequest(role: PeerRole, name: string, hosts: readonly string[], lifetimeMs: number): void {
  if (!isPeerRole(role))
    throw new IdentityError('bad_request', `role is ${JSON.stringify(role)}; it must be one of ${peerRoles.join(', ')}`)
  requireName('name', name)
  if (hosts.length > hostsMax) throw new IdentityError('bad_request', `${hosts.length} hosts; a certificate takes at most ${hostsMax}`)
  const bad = hosts.find(host => isIP(host) === 0 && (host.length > 253 || !dnsName.test(host)))
  if (bad !== undefined)
    throw new IdentityError('bad_request', `host is ${JSON.stringify(bad)}; it must be a DNS name or an IP address, without port`)
  if (!(lifetimeMs >= 60_000)) throw new IdentityError('bad_request', `the lifetime is ${lifetimeMs} ms; it must be 1 minute or more`)
}

function generateKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}
