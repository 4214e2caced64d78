import { formatAlertKey, type outrider } from '@outrider/protocol'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { readAlertId } from '../alert/alert-content.js'
import { type CentralLedger, centralLedgerLines } from '../alert/ledger-words.js'
import { CliError, exitCodes } from '../cli-error.js'
import { durationOption } from '../duration-option.js'
import { readRunningUp, upFolderDefault } from '../up/running-up.js'

interface LedgerOptions {
  readonly central?: string
  readonly centralAdmin?: string
  readonly vehicles?: true
  readonly after?: string
  readonly data: string
  readonly timeout: number
  readonly json?: true
}

const ledgerHelp = `
Central of a running outrider up on this machine is found by itself. Pseudonyms are not public: with --vehicles central's admin port is asked,
which listens on its own machine only unless told otherwise.`

/** `outrider alert ledger` */
export function alertLedgerCommand(): Command {
  return new Command('ledger')
    .description('how many vehicles an alert warned, how far ahead, who not and why; asks central')
    .addArgument(new Argument('<id>', 'the alert').argParser(readAlertId))
    .option('--central <url>', 'of central’s public API (or OUTRIDER_CENTRAL)', readUrl)
    .option('--vehicles', 'each vehicle by its pseudonym too, 1000 at a time')
    .option('--after <pseudonym>', 'with --vehicles: those after this one')
    .option('--central-admin <url>', 'of central’s admin port (or OUTRIDER_CENTRAL_ADMIN), for --vehicles', readUrl)
    .addOption(new Option('--data <dir>', 'data folder of a running outrider up').default(upFolderDefault))
    .addOption(durationOption('--timeout <duration>', 'how long central may take', { min: '1s', max: '10m', fallback: '30s' }))
    .option('--json', 'print JSON')
    .addHelpText('after', ledgerHelp)
    .action(ledger)
}

async function ledger(alertId: outrider.v1.AlertId.$Properties, options: LedgerOptions): Promise<void> {
  const id = formatAlertKey(alertId)
  const url = options.vehicles ? await vehiclesUrl(id, options) : `${await centralUrl(options)}/v1/alerts/${id}/ledger`
  const answer = await ask(url, id, options.timeout)
  process.stdout.write(`${options.json ? JSON.stringify(answer) : centralLedgerLines(answer).join('\n')}\n`)
}

async function centralUrl({ central, data }: LedgerOptions): Promise<string> {
  const named = central ?? readVariable('OUTRIDER_CENTRAL') ?? (await readRunningUp(data))?.central
  if (named !== undefined) return named
  throw new CliError(
    exitCodes.usage,
    `where is central? No outrider up runs with data folder ${data}. Give --central, such as http://127.0.0.1:7447`,
  )
}

async function vehiclesUrl(id: string, { centralAdmin, after, data }: LedgerOptions): Promise<string> {
  const named = centralAdmin ?? readVariable('OUTRIDER_CENTRAL_ADMIN') ?? (await readRunningUp(data))?.centralAdmin
  if (named === undefined)
    throw new CliError(exitCodes.usage, `where is central’s admin port? Give --central-admin, such as http://127.0.0.1:7448`)
  return `${named}/ledger?${new URLSearchParams({ alert: id, ...(after !== undefined && { after }) })}`
}

async function ask(url: string, id: string, timeoutMs: number): Promise<CentralLedger> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    text = await response.text()
  } catch (cause) {
    throw new CliError(exitCodes.unavailable, `central does not answer at ${new URL(url).origin}: is it running there?`, { cause })
  }
  if (response.ok) return readLedger(text, url)
  const { detail, error } = problemOf(text)
  const said = detail ?? error ?? text.slice(0, 200)
  if (response.status === 404)
    throw new CliError(exitCodes.failed, `central knows no alert ${id}; what just happened may be on its way still`)
  if (response.status === 400) throw new CliError(exitCodes.failed, `central refuses: ${said}`)
  throw new CliError(exitCodes.unavailable, `central answers with ${response.status} at ${new URL(url).origin}: ${said}`)
}

function readLedger(text: string, url: string): CentralLedger {
  const answer = parse(text) as Partial<CentralLedger> | undefined
  if (answer?.vehicles !== undefined && answer.deliveries !== undefined) return answer as CentralLedger
  throw new CliError(exitCodes.unavailable, `what answers at ${new URL(url).origin} is not central, or of another version`)
}

function problemOf(text: string): { readonly detail?: string; readonly error?: string } {
  return (parse(text) as { detail?: string; error?: string } | undefined) ?? {}
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whoever answers there does not speak JSON: shown as it is.
    return undefined
  }
}

function readVariable(name: string): string | undefined {
  const text = process.env[name]
  if (!text) return undefined
  const url = urlOf(text)
  if (url === undefined) throw new CliError(exitCodes.usage, `${name} is "${text}"; must be an http or https URL`)
  return url
}

function readUrl(text: string): string {
  const url = urlOf(text)
  if (url === undefined) throw new InvalidArgumentError('It must be an http or https URL, such as http://127.0.0.1:7447.')
  return url
}

/** Without a slash at its end. */
function urlOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined
}
