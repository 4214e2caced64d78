import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'

/** Flags of the commands that drive vehicles: where to, and who they are. */
export interface FleetFlags {
  readonly keys?: string
}

export const insecureHelp = 'without --keys: OUTRIDER_INSECURE=1 drives against nodes that run with it too, for development only'

/** @throws CliError `usage`, unless there are keys, by flag or environment, or OUTRIDER_INSECURE=1 */
export function requireIdentity({ keys }: FleetFlags): void {
  if (keys !== undefined || process.env.OUTRIDER_SIMULATOR_KEYS || process.env.OUTRIDER_INSECURE === '1') return
  throw new CliError(
    exitCodes.usage,
    'vehicles need tokens: --keys DIR names the folder that `outrider keys init` made; for nodes that run without keys set OUTRIDER_INSECURE=1',
  )
}

/** `--url`, `--keys`. */
export function addFleetFlags(command: Command, urlFlags: string): Command {
  return command
    .addOption(new Option(urlFlags, 'any edge node; each vehicle is told there which node its position belongs to').argParser(nodeUrl))
    .option('--keys <dir>', 'key folder (outrider keys init) that makes a token for every vehicle')
}

/** A node's URL for vehicles. */
export function nodeUrl(text: string): string {
  if (/^wss?:\/\/[^/#\s]/.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It must be a URL such as ws://127.0.0.1:7445 or wss://edge.city.example.')
}

/** Environment variables of flags that were given. */
export function environmentOf(values: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
