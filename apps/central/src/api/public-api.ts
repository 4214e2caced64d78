// The public API: alerts as GeoJSON, and counts. It reads the store, changes nothing, and names no vehicle. docs/central.md has it whole.
import { parseAlertKey } from '@outrider/protocol'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import type { Queries } from '../store/store.js'
import { StoreError } from '../store/store-error.js'
import { alertFeature } from './alert-feature.js'
import { readAlertQuery, writeCursor } from './alert-query.js'
import { type ProblemName, problemResponse } from './problem.js'
import { readAlert, readAlerts } from './read-alerts.js'
import { readLedger } from './read-ledger.js'

export interface PublicApiOptions {
  readonly store: Queries
  /**
   * @param sinceMs what is counted by time begins there; undefined: all that is kept
   * @returns undefined: too soon after another question
   */
  readonly stats: (sinceMs: number | undefined) => Promise<unknown> | undefined
  readonly wallMs: () => number
  /** False: this address has asked too often. */
  readonly takeRequest: (address: string) => boolean
  readonly onAnswer: (answer: ProblemName | 'ok') => void
  readonly onFault: (path: string, cause: unknown) => void
}

export interface PublicApi {
  readonly fetch: (request: Request, address: string) => Response | Promise<Response>
}

/** A URL of ours with every parameter is under 1 KiB, 32 causes included. */
const targetLengthMax = 2_048
/** Alerts change by the second: a cache may serve many readers, and no longer. */
const alertsCache = 'public, max-age=1'
const geoJson = 'application/geo+json'
const ledgerPath = '/ledger'
/** What a Date holds. */
const sinceMsMax = 8.64e15

export function createPublicApi({ store, stats, wallMs, takeRequest, onAnswer, onFault }: PublicApiOptions): PublicApi {
  const api = new Hono<{ Bindings: { readonly address: string } }>()
  const problem: typeof problemResponse = found => {
    onAnswer(found.problem)
    return problemResponse(found)
  }

  api.use(cors({ origin: '*', allowMethods: ['GET', 'HEAD', 'OPTIONS'], exposeHeaders: ['etag', 'link', 'retry-after'], maxAge: 86_400 }))
  api.use(async (context, next) => {
    if (context.req.url.length > targetLengthMax)
      return problem({ problem: 'target_too_long', detail: `at most ${targetLengthMax} characters` })
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') return problem({ problem: 'method_not_allowed' })
    if (!takeRequest(context.env.address)) return problem({ problem: 'rate_exceeded', retryAfterS: 1 })
    return next()
  })
  api.use(etag())

  api.get('/v1/alerts', async context => {
    const { searchParams } = new URL(context.req.url)
    const read = readAlertQuery(searchParams)
    if (!read.ok) return problem({ problem: 'parameter_invalid', field: read.field, detail: `${read.field} ${read.message}` })
    const nowMs = wallMs()
    const page = await readAlerts(store, read.query, nowMs)
    const next = page.next && writeCursor(page.next)
    if (next !== undefined) {
      searchParams.set('cursor', next)
      context.header('link', `</v1/alerts?${searchParams}>; rel="next"`)
    }
    context.header('cache-control', alertsCache)
    context.header('content-type', geoJson)
    onAnswer('ok')
    const features = page.alerts.map(alert => alertFeature(alert, nowMs))
    return context.body(JSON.stringify({ type: 'FeatureCollection', features, ...(next !== undefined && { next }) }))
  })

  // The id has slashes, node/boot/sequence; a client may send them as they are or escaped.
  api.get('/v1/alerts/:id{.+}', async context => {
    const path = context.req.param('id')
    // The last part of an id is a number, so that no alert is called so.
    const isLedger = path.endsWith(ledgerPath)
    const id = isLedger ? path.slice(0, -ledgerPath.length) : path
    const isKey = parseAlertKey(id) !== undefined && !id.includes('\0') // PostgreSQL has no text with it
    const unknown = () => problem({ problem: 'alert_unknown', detail: 'an id is node/boot/sequence, as in a list of alerts' })
    if (isLedger) {
      const ledger = isKey ? await readLedger(store, id, wallMs()) : undefined
      if (ledger === undefined) return unknown()
      context.header('cache-control', alertsCache)
      onAnswer('ok')
      return context.json(ledger)
    }
    const alert = isKey ? await readAlert(store, id) : undefined
    if (alert === undefined) return unknown()
    context.header('cache-control', alertsCache)
    context.header('content-type', geoJson)
    onAnswer('ok')
    return context.body(JSON.stringify(alertFeature(alert, wallMs())))
  })

  api.get('/v1/stats', async context => {
    const since = readSince(new URL(context.req.url).searchParams)
    if (typeof since === 'string') return problem({ problem: 'parameter_invalid', field: 'since', detail: `since ${since}` })
    const answer = await stats(since)
    if (answer === undefined)
      return problem({ problem: 'rate_exceeded', retryAfterS: 1, detail: 'counts since another time were asked for just now' })
    context.header('cache-control', 'no-store')
    onAnswer('ok')
    return context.json(answer)
  })

  api.notFound(() => problem({ problem: 'not_found', detail: 'one of /v1/alerts, /v1/alerts/{id}, /v1/alerts/{id}/ledger, /v1/stats' }))
  api.onError((cause, context) => {
    if (cause instanceof StoreError && cause.code === 'unavailable') return problem({ problem: 'store_unavailable', retryAfterS: 5 })
    onFault(context.req.path, cause)
    return problem({ problem: 'failed' })
  })

  return { fetch: (request, address) => api.fetch(request, { address }) }
}

/** What is wrong, as a text. */
function readSince(parameters: URLSearchParams): number | undefined | string {
  const [text, ...more] = parameters.getAll('since')
  if (text === undefined) return undefined
  const sinceMs = /^\d{1,16}$/.test(text) && more.length === 0 ? Number(text) : Number.NaN
  return sinceMs <= sinceMsMax ? sinceMs : 'must be a time in whole ms since 1970-01-01 UTC, given once'
}
