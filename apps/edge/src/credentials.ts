import { readFile } from 'node:fs/promises'
import { type PeerCredentials, type PeerCredentialsFile, readPeerCredentials } from '@outrider/identity'
import { type EdgeSettings, edgeSettings } from './settings.js'

export type CredentialsResult =
  | { readonly ok: true; readonly tls: PeerCredentials | undefined }
  /** Lines for a person. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** What the node shows to its region and to other nodes. Needed if it is linked with any, and not in development without keys. */
export async function readCredentials(settings: EdgeSettings): Promise<CredentialsResult> {
  const { region, peerPort, tlsCa, tlsCertificate, tlsKey, insecure, authority, name } = settings
  const given = [tlsCa, tlsCertificate, tlsKey].filter(path => path !== undefined).length
  if (given > 0 && insecure) return { ok: false, problems: ['OUTRIDER_INSECURE is "1"; must be 0 or unset, as keys are given'] }
  if (given === 0 && (insecure || (region === undefined && peerPort === undefined))) return { ok: true, tls: undefined }
  const file = (setting: 'tlsCa' | 'tlsCertificate' | 'tlsKey'): PeerCredentialsFile => ({
    ...edgeSettings[setting],
    path: settings[setting],
  })
  const self = { authority, role: 'node', name } as const
  const read = await readPeerCredentials({ readFile, ca: file('tlsCa'), certificate: file('tlsCertificate'), key: file('tlsKey'), self })
  return read.ok ? { ok: true, tls: read.credentials } : read
}
