// Development keys, made at the first start: an authority of this folder alone, with a certificate for each tier and an operator.
import files, { access } from 'node:fs/promises'
import path from 'node:path'
import {
  type CertificateRequest,
  certificateFiles,
  createKeyFolder,
  type KeyFolder,
  keyFolderFiles,
  openKeyFolder,
} from '@outrider/identity'

export const authority = 'outrider.local'
export const operator = 'up'

export interface UpKeys {
  readonly folder: string
  readonly ca: string
  /** Public keys that verify vehicles' tokens. */
  readonly keySet: string
  certificate(role: CertificateRequest['role'], name: string): { readonly certificate: string; readonly key: string }
}

/** A certificate with less than this left is made anew: a run may last weeks. */
const renewBeforeMs = 30 * 86_400_000

/** @throws IdentityError if there is a key folder and it is damaged */
export async function openUpKeys(folder: string, nodes: readonly string[], region: string): Promise<UpKeys> {
  const requests: CertificateRequest[] = [
    ...nodes.map(name => ({ role: 'node', name }) as const),
    { role: 'region', name: region },
    { role: 'operator', name: operator },
  ]
  const options = { path: folder, files, nowMs: Date.now }
  const isThere = await access(path.join(folder, keyFolderFiles.settings.path)).then(
    () => true,
    () => false,
  )
  const keys = isThere ? await openKeyFolder(options) : await createKeyFolder({ ...options, authority, certificates: requests })
  await renew(keys, requests)
  return {
    folder,
    ca: path.join(folder, keyFolderFiles.authorityCertificate.path),
    keySet: path.join(folder, keyFolderFiles.keySet.path),
    certificate(role, name) {
      const { certificate, key } = certificateFiles(role, name)
      return { certificate: path.join(folder, certificate), key: path.join(folder, key) }
    },
  }
}

async function renew(keys: KeyFolder, requests: readonly CertificateRequest[]): Promise<void> {
  const held = await keys.certificates()
  for (const request of requests) {
    const own = held.find(({ peer }) => peer?.role === request.role && peer.name === request.name)
    if (own === undefined || own.expiresAtMs < Date.now() + renewBeforeMs) await keys.addCertificate({ ...request, replace: true })
  }
}
