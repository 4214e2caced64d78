import path from 'node:path'
import { defaultHosts, type PeerRole, peerRoles } from '@outrider/identity'
import { Command, Option } from 'commander'
import { durationOption } from '../duration-option.js'
import { openFolder, withKeyErrors } from './keys-folder.js'

interface CertificateOptions {
  readonly role: PeerRole
  readonly name: string
  readonly host: readonly string[]
  readonly valid: number
  readonly replace?: true
}

/** `outrider keys certificate` */
export function certificateCommand(): Command {
  return new Command('certificate')
    .description('make a certificate and key for a further node, service or partner')
    .argument('<dir>', 'key folder')
    .addOption(new Option('--role <role>', 'what it may speak for').choices(peerRoles).makeOptionMandatory())
    .requiredOption('--name <name>', 'its name, unique within the role')
    .addOption(hostOption())
    .addOption(validOption())
    .option('--replace', 'put a new key and certificate in the place of those there are')
    .addHelpText('after', '\nExample:\n  outrider keys certificate keys --role node --name zone-c --host edge-c.city.example')
    .action(withKeyErrors(certificate))
}

/** `--host`, here and in init. */
export function hostOption(): Option {
  const description = 'DNS names and IP addresses servers answer under (operators and partners serve nothing)'
  return new Option('--host <host...>', description).default([...defaultHosts], defaultHosts.join(' '))
}

/** `--valid`, here and in init. A certificate is cut to the life of its authority, ten years. */
export function validOption(): Option {
  return durationOption('--valid <duration>', 'how long a certificate is good for', { min: '1h', max: '3650d', fallback: '365d' })
}

async function certificate(dir: string, { role, name, host, valid, replace }: CertificateOptions): Promise<void> {
  const folder = await openFolder(dir)
  const files = await folder.addCertificate({ role, name, hosts: host, lifetimeMs: valid, replace: replace === true })
  process.stdout.write(`${path.join(dir, files.certificate)}\n${path.join(dir, files.key)}\n`)
  process.stderr.write(`outrider: move both to ${role} ${name}, with ca.pem; the .key is secret\n`)
}
