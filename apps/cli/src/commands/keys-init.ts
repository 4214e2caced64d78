import path from 'node:path'
import { type CertificateRequest, certificateFiles, createKeyFolder, keyFolderFiles } from '@outrider/identity'
import { Command, Help } from 'commander'
import { hostOption, validOption } from './keys-certificate.js'
import { keyFolderOptions, withKeyErrors } from './keys-folder.js'

interface InitOptions {
  readonly authority: string
  readonly node: readonly string[]
  readonly host: readonly string[]
  readonly valid: number
}

/** `outrider keys init` */
export function initCommand(): Command {
  return new Command('init')
    .description('make a new authority: its keys, and certificates for the tiers')
    .argument('<dir>', 'absent or empty folder that becomes the key folder')
    .option('--authority <name>', 'name of the authority: issuer of tokens, trust domain of certificates', 'outrider.local')
    .option('--node <name...>', 'edge nodes to make certificates for', ['zone-a'])
    .addOption(hostOption())
    .addOption(validOption())
    .addHelpText(
      'after',
      '\nExample:\n  outrider keys init keys --authority city.example --node zone-a zone-b --host edge.city.example localhost',
    )
    .action(withKeyErrors(init))
}

async function init(dir: string, { authority, node, host, valid }: InitOptions): Promise<void> {
  const of = (role: CertificateRequest['role'], name: string): CertificateRequest => ({ role, name, hosts: host, lifetimeMs: valid })
  const nodes = [...new Set(node)].map(name => of('node', name))
  const certificates = [...nodes, of('region', 'main'), of('central', 'main'), of('operator', 'main')]
  await createKeyFolder({ ...keyFolderOptions(dir), authority, certificates })
  process.stdout.write(`${summary(dir, authority, certificates)}\n`)
}

function summary(dir: string, authority: string, certificates: readonly CertificateRequest[]): string {
  const fixed = Object.values(keyFolderFiles)
  // The file, and beneath it what it is for, wrapped for a terminal of 80 columns.
  const row = ({ path: file, purpose }: { path: string; purpose: string }) =>
    `  ${file}\n      ${new Help().boxWrap(purpose, 72).replaceAll('\n', '\n      ')}`
  const own = certificates.map(({ role, name }) => {
    const { certificate, key } = certificateFiles(role, name)
    return row({ path: certificate, purpose: `with ${path.basename(key)}, to ${role} ${name} and nowhere else` })
  })
  return [
    `Key folder of authority ${authority}: ${dir}`,
    '',
    'Public, hand out:',
    ...fixed.filter(file => !file.isSecret).map(row),
    '',
    'For one machine each; move them there, the .key is secret:',
    ...own,
    '',
    'Secret, must not leave this machine:',
    ...fixed.filter(file => file.isSecret).map(row),
    '',
    "Next, a vehicle's token, and what is there and until when:",
    `  outrider keys token ${dir} --enrolment ID`,
    `  outrider keys list ${dir}`,
  ].join('\n')
}
