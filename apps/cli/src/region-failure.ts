import { CliError, exitCodes } from './cli-error.js'
import { RegionFailure, type RpcStatusName } from './region-client.js'

interface FailedCall {
  /** host:port of the region. */
  readonly region: string
  readonly secure: boolean
  /** What was asked, so that a retry is possible. */
  readonly requestId?: string | undefined
}

type Advice = (details: string, call: FailedCall) => string

const unreachable: Advice = (details, { region, secure }) => {
  const hint = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT/.test(details)
    ? 'is it running there? --region HOST:PORT names another'
    : secure
      ? 'does it use the same authority (--ca), or does it run without keys (--insecure)?'
      : 'it may ask for keys: --ca, --cert and --key instead of --insecure'
  return `no region can be reached at ${region}: ${hint}\n${details}`
}

const retry: Advice = (_, { requestId }) =>
  requestId === undefined
    ? 'the region did not answer in time; try again, or with a longer --timeout'
    : `the region did not answer in time, and may still have done it; try again with --request-id ${requestId}: it will not be done twice`

const told: Advice = details => details
const certificate: Advice = details => `${details}\noutrider keys certificate DIR --role operator --name NAME makes one`

/** What each status of a region means for the command's exit code, and what to tell a person. */
const outcomes: Partial<Record<RpcStatusName, readonly [CliError['exitCode'], Advice]>> = {
  INVALID_ARGUMENT: [exitCodes.usage, details => `the region refused it: ${details}`],
  ALREADY_EXISTS: [exitCodes.usage, told],
  NOT_FOUND: [exitCodes.failed, details => `${details}; outrider alert list --ended shows those that are still remembered`],
  FAILED_PRECONDITION: [exitCodes.failed, told],
  ABORTED: [exitCodes.failed, details => `somebody else changed it: ${details}; outrider alert show shows it as it stands`],
  UNIMPLEMENTED: [exitCodes.failed, told],
  DEADLINE_EXCEEDED: [exitCodes.unavailable, retry],
  UNAVAILABLE: [exitCodes.unavailable, unreachable],
  RESOURCE_EXHAUSTED: [exitCodes.unavailable, details => `the region is full: ${details}`],
  PERMISSION_DENIED: [exitCodes.unavailable, certificate],
  UNAUTHENTICATED: [exitCodes.unavailable, certificate],
}

/** A failed call as the command's failure. Anything else is passed on as it is. */
export function asCliError(error: unknown, call: FailedCall): unknown {
  if (!(error instanceof RegionFailure)) return error
  const [exitCode, advice] = outcomes[error.status] ?? [exitCodes.failed, (details: string) => `the region failed: ${details}`]
  return new CliError(exitCode, `${advice(error.message, call)} (${error.status})`, { cause: error })
}
