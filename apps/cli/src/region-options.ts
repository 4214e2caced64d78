import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes } from './cli-error.js'
import { durationOption } from './duration-option.js'
import { createRegionClient, type RegionClient, type RegionTls } from './region-client.js'
import { asCliError } from './region-failure.js'
import { readRunningUp, upFolderDefault } from './up/running-up.js'

export interface RegionOptions {
  readonly region?: HostPort
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: true
  readonly data: string
  readonly timeout: number
  readonly json?: true
}

interface HostPort {
  readonly host: string
  readonly port: number
}

const defaultRegion: HostPort = { host: '127.0.0.1', port: 7443 }

const regionHelp = `
A running outrider up on this machine is found by itself, with an operator's
certificate. Else the region is named by --region (or OUTRIDER_REGION), with
--ca, --cert and --key (or OUTRIDER_TLS_CA, OUTRIDER_TLS_CERT, OUTRIDER_TLS_KEY).`

/** Adds the flags by which a command reaches a region. */
export function addRegionOptions(command: Command): Command {
  return command
    .option('--region <host:port>', 'gRPC address of the region (default: 127.0.0.1:7443)', readHostPort)
    .option('--ca <file>', 'ca.pem of the authority')
    .option('--cert <file>', 'own certificate; to issue, update and end: of role operator or partner')
    .option('--key <file>', 'key of the certificate')
    .option('--insecure', 'the region runs without keys (OUTRIDER_INSECURE=1)')
    .addOption(new Option('--data <dir>', 'data folder of a running outrider up').default(upFolderDefault))
    .addOption(durationOption('--timeout <duration>', 'how long the region may take', { min: '1s', max: '10m', fallback: '10s' }))
    .option('--json', 'print JSON')
    .addHelpText('after', regionHelp)
}

export interface ReachedRegion {
  readonly client: RegionClient
  /** host:port, for messages. */
  readonly name: string
}

/** Runs a job on the region that flags and environment name; its failures become the command's. @throws CliError */
export async function withRegion(options: RegionOptions, job: (region: ReachedRegion) => Promise<void>, requestId?: string): Promise<void> {
  const { host, port, tls } = await findRegion(options, process.env)
  const client = createRegionClient({ host, port, tls, timeoutMs: options.timeout })
  const name = `${host}:${port}`
  try {
    await job({ client, name })
  } catch (error) {
    throw asCliError(error, { region: name, secure: tls !== undefined, requestId })
  } finally {
    client.close()
  }
}

interface FoundRegion extends HostPort {
  readonly tls: RegionTls | undefined
}

async function findRegion(options: RegionOptions, environment: NodeJS.ProcessEnv): Promise<FoundRegion> {
  const named = options.region ?? regionOf(environment.OUTRIDER_REGION)
  if (options.insecure || environment.OUTRIDER_INSECURE === '1') {
    if ([options.ca, options.cert, options.key].some(file => file !== undefined))
      throw new CliError(exitCodes.usage, '--insecure uses no keys: leave --ca, --cert and --key out, or --insecure')
    return { ...(named ?? defaultRegion), tls: undefined }
  }
  const files = {
    ca: options.ca || environment.OUTRIDER_TLS_CA,
    cert: options.cert || environment.OUTRIDER_TLS_CERT,
    key: options.key || environment.OUTRIDER_TLS_KEY,
  }
  if (files.ca || files.cert || files.key) return { ...(named ?? defaultRegion), tls: readTls(files) }
  const running = await readRunningUp(options.data)
  if (running === undefined)
    throw new CliError(
      exitCodes.usage,
      `which region, with which keys? No outrider up runs with data folder ${options.data}. Give --region, --ca, --cert and --key; or --insecure for a region that runs without keys`,
    )
  const tls = readTls({ ca: running.ca, cert: running.operatorCertificate, key: running.operatorKey })
  return { ...(named ?? regionOf(running.region) ?? defaultRegion), tls }
}

function readTls(files: Record<'ca' | 'cert' | 'key', string | undefined>): RegionTls {
  const read = (flag: 'ca' | 'cert' | 'key') => {
    const file = files[flag]
    if (!file) throw new CliError(exitCodes.usage, `--${flag} (or OUTRIDER_TLS_${flag.toUpperCase()}) is missing; all three are needed`)
    try {
      const pem = readFileSync(file)
      if (pem.includes('-----BEGIN ')) return pem
    } catch (error) {
      throw new CliError(exitCodes.usage, `--${flag} is "${file}"; must be the path of a PEM file: ${(error as Error).message}`, {
        cause: error,
      })
    }
    throw new CliError(exitCodes.usage, `--${flag} is "${file}", which is no PEM file`)
  }
  return { ca: read('ca'), certificate: read('cert'), key: read('key') }
}

function regionOf(text: string | undefined): HostPort | undefined {
  if (!text) return undefined
  const found = hostPortOf(text)
  if (found === undefined) throw new CliError(exitCodes.usage, `OUTRIDER_REGION is "${text}"; must be host:port`)
  return found
}

function readHostPort(text: string): HostPort {
  const found = hostPortOf(text)
  if (found === undefined) throw new InvalidArgumentError('It must be host:port, such as region.city.example:7443 or [::1]:7443.')
  return found
}

function hostPortOf(text: string): HostPort | undefined {
  const [, address, name, portText] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(portText)
  const host = address ?? name
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}
