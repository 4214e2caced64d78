import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type PeerIdentity, type PeerRole, readPeerIdentity } from './peer-identity.js'

/** PEM: whom a process trusts, and who it is to others. */
export interface PeerCredentials {
  readonly ca: Buffer
  readonly certificate: Buffer
  readonly key: Buffer
}

/** One of the files, and how a person names and fixes it. */
export interface PeerCredentialsFile {
  /** Undefined: not given. */
  readonly path: string | undefined
  /** Environment variable the path is from. */
  readonly variable: string
  /** What is allowed, in words that fit after "must be". */
  readonly allowed: string
}

export interface PeerCredentialsOptions {
  readonly readFile: (path: string) => Promise<Buffer>
  readonly ca: PeerCredentialsFile
  readonly certificate: PeerCredentialsFile
  readonly key: PeerCredentialsFile
  /** Whom the certificate must name. */
  readonly self: PeerIdentity
}

export type PeerCredentialsResult =
  | { readonly ok: true; readonly credentials: PeerCredentials }
  /** Lines for a person, one for each file that is wrong. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** What a process shows to its peers, read and checked: with a certificate for somebody else every peer would refuse it; better to say so at the start. */
export async function readPeerCredentials({
  readFile,
  ca,
  certificate,
  key,
  self,
}: PeerCredentialsOptions): Promise<PeerCredentialsResult> {
  const files = await Promise.all([ca, certificate, key].map(file => readPem(readFile, file)))
  const problems = files.flatMap(file => ('problem' in file ? [file.problem] : []))
  if (problems.length > 0) return { ok: false, problems }
  const [caPem, certificatePem, keyPem] = files.map(file => ('pem' in file ? file.pem : Buffer.alloc(0))) as [Buffer, Buffer, Buffer]
  const problem = whyNotOwn(certificate.variable, certificatePem, self) ?? whyNotItsKey(key.variable, keyPem, certificatePem)
  if (problem !== undefined) return { ok: false, problems: [problem] }
  return { ok: true, credentials: { ca: caPem, certificate: certificatePem, key: keyPem } }
}

async function readPem(
  readFile: (path: string) => Promise<Buffer>,
  { path, variable, allowed }: PeerCredentialsFile,
): Promise<{ readonly pem: Buffer } | { readonly problem: string }> {
  if (path === undefined) return { problem: `${variable} is unset; must be ${allowed}` }
  try {
    const pem = await readFile(path)
    return pem.includes('-----BEGIN ') ? { pem } : { problem: `${variable} is "${path}", which is no PEM file; must be ${allowed}` }
  } catch (error) {
    return { problem: `${variable} is "${path}"; must be ${allowed}: ${(error as Error).message}` }
  }
}

function whyNotOwn(variable: string, certificate: Buffer, { authority, role, name }: PeerIdentity): string | undefined {
  let read: X509Certificate
  try {
    read = new X509Certificate(certificate)
  } catch (error) {
    return `${variable} cannot be read: ${(error as Error).message}`
  }
  const identity = readPeerIdentity(read, authority)
  if (!identity.ok) return `${variable}: ${identity.message} (OUTRIDER_AUTHORITY is ${authority})`
  const { peer } = identity
  if (peer.role === role && peer.name === name) return undefined
  return `${variable} is for ${peer.role} ${peer.name}; must be for ${role} ${name} (outrider keys certificate --role ${role} --name ${name})`
}

function whyNotItsKey(variable: string, key: Buffer, certificate: Buffer): string | undefined {
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) return undefined
    return `${variable} is the key of another certificate`
  } catch (error) {
    return `${variable} cannot be read: ${(error as Error).message}`
  }
}

/** Why the other side of a connection is not who it should be, if so. @param certificate as TLS verified and shows it */
export function whyNotPeer(
  certificate: { readonly raw?: Uint8Array } | null | undefined,
  authority: string,
  role: PeerRole,
): string | undefined {
  const identity = readPeerIdentity(certificate, authority)
  if (!identity.ok) return identity.message
  const { peer } = identity
  return peer.role === role ? undefined : `the peer's certificate is for ${peer.role} ${peer.name}; must be for a ${role}`
}
