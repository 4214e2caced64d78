import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate, id_ce_subjectAltName, SubjectAlternativeName } from '@peculiar/asn1-x509'
import { isName } from './names.js'

/** What a certificate may speak for. `node` is an edge node; `operator` and `partner` are clients only. */
export const peerRoles = ['node', 'region', 'central', 'service', 'operator', 'partner'] as const

export type PeerRole = (typeof peerRoles)[number]

export function isPeerRole(value: unknown): value is PeerRole {
  return peerRoles.includes(value as PeerRole)
}

/** Why a peer's certificate names nobody, each with what to do. docs/identity.md has the same table; a test compares them. */
export const peerRefusals = {
  no_certificate: 'the peer showed no certificate; give it one made by `outrider keys certificate`',
  unreadable: 'the certificate cannot be read; make a new one with `outrider keys certificate`',
  no_spiffe_id: 'the certificate has no spiffe:// URI; make one with `outrider keys certificate`',
  several_ids: 'the certificate has more than one URI, so it names nobody; it must have exactly one',
  wrong_authority: 'the certificate speaks for another authority; use one of this authority',
  unknown_role: `the certificate's role is not known here; it must be one of ${peerRoles.join(', ')}`,
  bad_id: 'the SPIFFE id is not spiffe://authority/role/name; make a new one with `outrider keys certificate`',
} as const

export type PeerRefusal = keyof typeof peerRefusals

export interface PeerIdentity {
  readonly authority: string
  readonly role: PeerRole
  /** Unique within authority and role. */
  readonly name: string
}

export type PeerIdentityResult =
  | { readonly ok: true; readonly peer: PeerIdentity }
  | { readonly ok: false; readonly reason: PeerRefusal; readonly message: string }

/** The SPIFFE id of a peer, as it stands in the certificate's only URI. */
export function spiffeIdOf({ authority, role, name }: PeerIdentity): string {
  return `spiffe://${authority}/${role}/${name}`
}

/**
 * Who a peer is, from the certificate its TLS connection showed (`getPeerCertificate()`, or `raw` as DER).
 * Only reads: that the certificate is genuine and in date is what TLS has checked before (`requestCert`, `rejectUnauthorized`, our `ca.pem` alone).
 */
export function readPeerIdentity(certificate: { readonly raw?: Uint8Array } | null | undefined, authority: string): PeerIdentityResult {
  if (certificate?.raw === undefined) return refuse('no_certificate')
  const uris = urisOf(certificate.raw)
  if (uris === 'unreadable') return refuse('unreadable')
  if (uris.length > 1) return refuse('several_ids')
  const match = /^spiffe:\/\/([^/]*)(\/.*)?$/.exec(uris[0] ?? '')
  if (match === null) return refuse('no_spiffe_id')
  if (match[1] !== authority) return refuse('wrong_authority')
  const [, role, name, ...rest] = (match[2] ?? '').split('/')
  if (name === undefined || rest.length > 0 || !isName(name)) return refuse('bad_id')
  if (!isPeerRole(role)) return refuse('unknown_role')
  return { ok: true, peer: { authority, role, name } }
}

/** All URIs of the certificate, from its structure: the text form that TLS libraries offer can be forged by commas in a name (CVE-2021-44532). */
function urisOf(der: Uint8Array): string[] | 'unreadable' {
  try {
    const { extensions } = AsnConvert.parse(der, Certificate).tbsCertificate
    return (extensions ?? [])
      .filter(({ extnID }) => extnID === id_ce_subjectAltName)
      .flatMap(({ extnValue }) => AsnConvert.parse(extnValue, SubjectAlternativeName).flatMap(name => name.uniformResourceIdentifier ?? []))
  } catch (error) {
    // The decoder's errors are plain ones of several kinds. TLS has verified the certificate, so this is ours to report, not to survive.
    if (error instanceof Error) return 'unreadable'
    throw error
  }
}

function refuse(reason: PeerRefusal): PeerIdentityResult {
  return { ok: false, reason, message: peerRefusals[reason] }
}
