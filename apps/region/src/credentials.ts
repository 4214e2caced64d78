import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { readPeerIdentity } from '@outrider/identity'
import type { GrpcTls } from './grpc-server.js'
import { type RegionSettings, regionSettings } from './settings.js'

export type CredentialsResult =
  | { readonly ok: true; readonly tls: GrpcTls | undefined }
  /** Lines for a person. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Keys as the settings say; without any the region starts only where OUTRIDER_INSECURE=1 says so. */
export async function readCredentials(settings: RegionSettings): Promise<CredentialsResult> {
  const { tlsCa, tlsCertificate, tlsKey, insecure } = settings
  const given = [tlsCa, tlsCertificate, tlsKey].filter(path => path !== undefined).length
  if (given === 0 && insecure) return { ok: true, tls: undefined }
  if (given > 0 && insecure) return { ok: false, problems: ['OUTRIDER_INSECURE is "1"; must be 0 or unset, as keys are given'] }
  const files = await Promise.all([readPem('tlsCa', tlsCa), readPem('tlsCertificate', tlsCertificate), readPem('tlsKey', tlsKey)])
  const problems = files.flatMap(file => ('problem' in file ? [file.problem] : []))
  if (problems.length > 0) return { ok: false, problems: [...problems, 'OUTRIDER_INSECURE=1 runs without keys, for development only'] }
  const [ca, certificate, key] = files.map(file => ('pem' in file ? file.pem : Buffer.alloc(0))) as [Buffer, Buffer, Buffer]
  const problem = whyNotMine(certificate, settings)
  return problem === undefined ? { ok: true, tls: { ca, certificate, key } } : { ok: false, problems: [problem] }
}

async function readPem(
  name: 'tlsCa' | 'tlsCertificate' | 'tlsKey',
  path: string | undefined,
): Promise<{ pem: Buffer } | { problem: string }> {
  const { variable, allowed } = regionSettings[name]
  if (path === undefined) return { problem: `${variable} is unset; must be ${allowed}` }
  try {
    const pem = await readFile(path)
    return pem.includes('-----BEGIN ') ? { pem } : { problem: `${variable} is "${path}", which is no PEM file; must be ${allowed}` }
  } catch (error) {
    return { problem: `${variable} is "${path}"; must be ${allowed}: ${(error as Error).message}` }
  }
}

/** A region that shows the wrong certificate would be refused by every node; better to say so here. */
function whyNotMine(certificate: Buffer, { name, authority }: RegionSettings): string | undefined {
  const { variable } = regionSettings.tlsCertificate
  let identity: ReturnType<typeof readPeerIdentity>
  try {
    identity = readPeerIdentity(new X509Certificate(certificate), authority)
  } catch (error) {
    return `${variable} cannot be read: ${(error as Error).message}`
  }
  if (!identity.ok) return `${variable}: ${identity.message} (OUTRIDER_AUTHORITY is ${authority})`
  const { role, name: named } = identity.peer
  if (role === 'region' && named === name) return undefined
  return `${variable} is for ${role} ${named}; must be for region ${name} (outrider keys certificate --role region --name ${name})`
}
