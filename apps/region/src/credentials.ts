import { readFile } from 'node:fs/promises'
import { type PeerCredentials, type PeerCredentialsFile, readPeerCredentials } from '@outrider/identity'
import { type RegionSettings, regionSettings } from './settings.js'

export type CredentialsResult =
  | { readonly ok: true; readonly tls: PeerCredentials | undefined }
  /** Lines for a person. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Keys as the settings say; without any the region starts only where OUTRIDER_INSECURE=1 says so. */
export async function readCredentials(settings: RegionSettings): Promise<CredentialsResult> {
  const { tlsCa, tlsCertificate, tlsKey, insecure, authority, name } = settings
  const given = [tlsCa, tlsCertificate, tlsKey].filter(path => path !== undefined).length
  if (given === 0 && insecure) return { ok: true, tls: undefined }
  if (given > 0 && insecure) return { ok: false, problems: ['OUTRIDER_INSECURE is "1"; must be 0 or unset, as keys are given'] }
  const file = (setting: 'tlsCa' | 'tlsCertificate' | 'tlsKey'): PeerCredentialsFile => ({
    ...regionSettings[setting],
    path: settings[setting],
  })
  const self = { authority, role: 'region', name } as const
  const read = await readPeerCredentials({ readFile, ca: file('tlsCa'), certificate: file('tlsCertificate'), key: file('tlsKey'), self })
  if (read.ok) return { ok: true, tls: read.credentials }
  const isMissing = given < 3
  return { ok: false, problems: [...read.problems, ...(isMissing ? ['OUTRIDER_INSECURE=1 runs without keys, for development only'] : [])] }
}
