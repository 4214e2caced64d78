import { type VehicleRole, vehicleRoles } from '@outrider/identity'
import { Command, Option } from 'commander'
import { durationOption } from '../duration-option.js'
import { openFolder, withKeyErrors } from './keys-folder.js'

interface TokenOptions {
  readonly enrolment: string
  readonly role: VehicleRole
  readonly lifetime: number
  readonly json?: true
}

/** `outrider keys token` */
export function tokenCommand(): Command {
  return new Command('token')
    .description('issue a vehicle token; prints the token and nothing else')
    .argument('<dir>', 'key folder')
    .requiredOption('--enrolment <id>', 'who the vehicle is to you, 1 to 256 characters; it is hashed and never leaves here')
    .addOption(new Option('--role <role>', 'role of the vehicle').choices(vehicleRoles).default('default'))
    .addOption(durationOption('--lifetime <duration>', 'how long the token is good for', { min: '1s', max: '24h', fallback: '1h' }))
    .option('--json', 'print an object with the token and what it says')
    .addHelpText('after', '\nExample:\n  TOKEN=$(outrider keys token keys --enrolment fleet-7/car-12 --role taxi --lifetime 8h)')
    .action(withKeyErrors(token))
}

async function token(dir: string, { enrolment, role, lifetime, json }: TokenOptions): Promise<void> {
  const issuer = await (await openFolder(dir)).tokenIssuer()
  const issued = await issuer.issue({ enrolment, role, lifetimeMs: lifetime })
  const { authority, pseudonym, keyId, issuedAtMs, expiresAtMs } = issued.identity
  const [issuedAt, expiresAt] = [issuedAtMs, expiresAtMs].map(atMs => new Date(atMs).toISOString())
  const shown =
    json === true ? JSON.stringify({ token: issued.token, authority, pseudonym, role, keyId, issuedAt, expiresAt }) : issued.token
  process.stdout.write(`${shown}\n`)
}
