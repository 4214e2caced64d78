import type { Token } from '@outrider/sdk'
import { CliError, exitCodes } from '../cli-error.js'
import { openFolder, withKeyErrors } from '../commands/keys-folder.js'

export interface DriveTokenOptions {
  readonly token: string | undefined
  readonly keys: string | undefined
  readonly enrolment: string
}

const lifetimeMs = 3_600_000

/** The vehicle's token: as given, or made from a key folder whenever one is wanted. @throws CliError */
export async function driveToken({ token, keys, enrolment }: DriveTokenOptions): Promise<Token> {
  if (token !== undefined && keys !== undefined) throw new CliError(exitCodes.usage, '--token and --keys: one of them says who you are')
  if (token !== undefined) return token
  if (keys !== undefined) {
    const issue = async () => (await (await openFolder(keys)).tokenIssuer()).issue({ enrolment, role: 'default', lifetimeMs })
    // Once now, so that a wrong folder is told before anything drives.
    await withKeyErrors(async () => void (await issue()))()
    return async () => (await issue()).token
  }
  if (process.env.OUTRIDER_INSECURE === '1') return `insecure.${Buffer.from(enrolment).toString('base64url')}`
  throw new CliError(
    exitCodes.usage,
    'a vehicle needs a token: --token or OUTRIDER_TOKEN, or --keys DIR (outrider keys init); for nodes that run without keys set OUTRIDER_INSECURE=1',
  )
}
