// What lies where in a key folder, and who may have it. The only place where these names stand.

export interface KeyFolderFile {
  readonly path: string
  readonly isSecret: boolean
  /** For a person: what it is and where it goes. */
  readonly purpose: string
}

export const keyFolderFiles = {
  settings: { path: 'authority.json', isSecret: false, purpose: "the authority's name; marks a finished key folder" },
  authorityCertificate: { path: 'ca.pem', isSecret: false, purpose: 'goes to every node, region, service and partner: whom they trust' },
  keySet: {
    path: 'jwks.json',
    isSecret: false,
    purpose: 'goes to every edge node, again after each rotation: keys that verify vehicle tokens',
  },
  authorityKey: { path: 'ca-key.pem', isSecret: true, purpose: 'stays here: whoever has it can be any node or service' },
  signingKeys: {
    path: 'issuer/signing-keys.json',
    isSecret: true,
    purpose: 'stays with the token issuer: whoever has it can be any vehicle',
  },
  linkKey: {
    path: 'issuer/link-key',
    isSecret: true,
    purpose: 'stays with the token issuer, never changes: whoever has it can tie pseudonyms to enrolments',
  },
} as const satisfies Record<string, KeyFolderFile>

export const certificatesFolder = 'certificates'

/** Path of a certificate and of its key inside the folder. No role holds a hyphen and the endings differ, so no two identities share a file. */
export function certificateFiles(role: string, name: string): { certificate: string; key: string } {
  const stem = `${certificatesFolder}/${role}-${name}`
  return { certificate: `${stem}.pem`, key: `${stem}.key` }
}
