import type { CertificateState, SigningKeyState } from '@outrider/identity'
import { spiffeIdOf } from '@outrider/identity'
import { Command } from 'commander'
import { openFolder, withKeyErrors } from './keys-folder.js'

/** `outrider keys list` */
export function listCommand(): Command {
  return new Command('list')
    .description('show signing keys and certificates, and until when they are good')
    .argument('<dir>', 'key folder')
    .option('--json', 'print them as an object')
    .action(withKeyErrors(list))
}

async function list(dir: string, { json }: { readonly json?: true }): Promise<void> {
  const folder = await openFolder(dir)
  const keys = (await folder.signingKeys()).map(keyRow)
  const certificates = (await folder.certificates()).map(state => certificateRow(state, Date.now()))
  const text =
    json === true
      ? JSON.stringify({ authority: folder.authority, signingKeys: keys, certificates })
      : [
          `Authority ${folder.authority}`,
          '',
          'Signing keys',
          ...keys.map(
            key => `  ${key.keyId}\n      ${key.state}, signs from ${key.signsFrom}${key.retires ? `, may go at ${key.retires}` : ''}`,
          ),
          '',
          'Certificates',
          ...certificates.map(
            row => `  ${row.file}\n      ${row.expired ? 'EXPIRED' : 'good until'} ${row.expires}, ${row.id ?? 'the authority'}`,
          ),
        ].join('\n')
  process.stdout.write(`${text}\n`)
}

function keyRow({ keyId, state, signsFromMs, retiresAtMs }: SigningKeyState) {
  const retires = retiresAtMs === undefined ? null : new Date(retiresAtMs).toISOString()
  return { keyId, state, signsFrom: new Date(signsFromMs).toISOString(), retires }
}

function certificateRow({ file, peer, expiresAtMs }: CertificateState, nowMs: number) {
  return { file, id: peer ? spiffeIdOf(peer) : null, expires: new Date(expiresAtMs).toISOString(), expired: expiresAtMs <= nowMs }
}
