import { setTimeout as sleep } from 'node:timers/promises'
import { alertMethods, encodeJson, type outrider } from '@outrider/protocol'
import { Command } from 'commander'
import { type AlertNews, createAlertChanges } from '../alert/alert-changes.js'
import { causeOf, duration, endReason, issuerOf, placeOf, priorityOf } from '../alert/alert-words.js'
import { addFilterOptions, type FilterOptions, filterOf } from '../alert/filter-options.js'
import { type RegionClient, RegionFailure, type RpcStatusName } from '../region-client.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

interface WatchOptions extends RegionOptions, FilterOptions {
  readonly from?: string
}

/** `outrider alert watch` */
export function alertWatchCommand(): Command {
  const command = new Command('watch')
    .description('print the active alerts, then every change as it comes, until Ctrl-C; goes on by itself after a break')
    .option('--from <token>', 'go on after the message with this resume token (--json prints them)')
    .action(watch)
  return addRegionOptions(addFilterOptions(command)).addHelpText(
    'after',
    '\n--json prints each message as it came, one JSON line each, less the signs of life.',
  )
}

/** Breaks that are worth another attempt: the region restarts, or the way to it is cut. */
const passing: readonly RpcStatusName[] = ['UNAVAILABLE', 'CANCELLED', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'INTERNAL', 'UNKNOWN']
const firstPauseMs = 500
const longestPauseMs = 10_000
const expireEveryMs = 1_000

async function watch(options: WatchOptions): Promise<void> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    await withRegion(options, ({ client, name }) => follow(client, name, options, stop.signal))
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function follow(client: RegionClient, region: string, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const changes = createAlertChanges()
  const filter = filterOf(options, false)
  let resumeToken = options.from ?? ''
  let wasReached = false
  let pauseMs = firstPauseMs
  const show = (news: readonly AlertNews[]) => news.forEach(each => void (options.json || print(lineOf(each))))
  const expiring = setInterval(() => show(changes.expire(performance.now())), expireEveryMs)
  try {
    while (!signal.aborted) {
      try {
        for await (const message of client.stream(alertMethods.watch, { filter, resumeToken }, signal)) {
          if (wasReached && pauseMs > firstPauseMs) say(`reached ${region} again`)
          wasReached = true
          pauseMs = firstPauseMs
          // Half a snapshot is nothing to go on from: its entries have no token, and the one before it stands.
          resumeToken = message.resumeToken || resumeToken
          if (options.json && message.alive == null) print(JSON.stringify(encodeJson('AlertServiceWatchResponse', message)))
          show(changes.take(message, performance.now()))
        }
      } catch (error) {
        if (!(error instanceof RegionFailure) || !wasReached || !passing.includes(error.status)) throw error
        if (pauseMs === firstPauseMs) say(`lost ${region} (${error.message}); trying again`)
      }
      await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined) // aborted: the loop ends
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    }
  } finally {
    clearInterval(expiring)
  }
}

function lineOf(news: AlertNews): string {
  const time = new Date().toISOString().slice(11, 19)
  const head = `${time}Z  ${news.kind.padEnd(7)}  ${news.id}`
  if (news.kind === 'over') return `${head}\n           ${causeOf(news.alert)}: its validity is over`
  if (news.kind === 'ended') {
    const what = news.alert === undefined ? '' : `${causeOf(news.alert)}: `
    return `${head}\n           ${what}${endReason(news.ending)}, by ${issuerOf({ issuerRole: news.ending.endedBy ?? 0 })}`
  }
  const alert: outrider.v1.Alert.$Properties = news.live.alert ?? {}
  const left = `${duration(news.live.remainingMs ?? 0)} left`
  return `${head}  revision ${alert.revision ?? 0}\n           ${causeOf(alert)}, ${priorityOf(alert)}, at ${placeOf(alert)}, ${left}`
}

function say(text: string): void {
  process.stderr.write(`outrider: ${text}\n`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
