// What GET /v1/alerts may be asked for. Everything has a bound; what is wrong is named by its parameter, unknown ones too.
import { causes } from '@outrider/protocol'

export interface AlertQuery {
  /** West may be larger than east: across the antimeridian (RFC 7946, 5.2). Degrees. */
  readonly bbox: { readonly west: number; readonly south: number; readonly east: number; readonly north: number } | undefined
  readonly causes: readonly number[] | undefined
  /** Statuses by their numbers. */
  readonly statuses: readonly number[]
  /** ms since 1970-01-01 UTC. */
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly active: boolean | undefined
  readonly limit: number
  readonly cursor: PageCursor | undefined
}

/** The last alert of the page before. */
export interface PageCursor {
  readonly firstRecordedAtMs: number
  readonly key: string
}

export type QueryOutcome =
  | { readonly ok: true; readonly query: AlertQuery }
  | { readonly ok: false; readonly field: string; readonly message: string }

export const limitDefault = 100
export const limitMax = 1_000
const causesMax = 32
const statusNumbers: Readonly<Record<string, number>> = { actual: 1, exercise: 2, test: 3 }
const causeNumbers = new Map<string, number>(Object.entries(causes).map(([name, { code }]) => [name, code]))

/** A reader throws this; nothing else leaves `readAlertQuery`. */
class Refused extends Error {}

const readers = {
  bbox(text: string) {
    const numbers = text.split(',').map(decimal)
    const [west, south, east, north] = numbers
    const isBox = numbers.length === 4 && numbers.every(Number.isFinite)
    if (!isBox) throw new Refused('must be west,south,east,north in decimal degrees')
    if (Math.abs(west!) > 180 || Math.abs(east!) > 180) throw new Refused('must have longitudes from -180 to 180')
    if (south! < -90 || north! > 90 || south! > north!) throw new Refused('must have latitudes from -90 to 90, south before north')
    return { west: west!, south: south!, east: east!, north: north! }
  },
  cause(text: string) {
    const codes = text.split(',').map(each => causeNumbers.get(each) ?? (/^\d{1,3}$/.test(each) ? Number(each) : Number.NaN))
    if (codes.length > causesMax) throw new Refused(`must name at most ${causesMax} causes`)
    if (!codes.every(code => code >= 1 && code <= 255))
      throw new Refused('must be cause codes 1 to 255 or their names, with commas between')
    return codes
  },
  status(text: string) {
    const numbers = text.split(',').map(each => (Object.hasOwn(statusNumbers, each) ? statusNumbers[each]! : Number.NaN))
    if (numbers.some(Number.isNaN)) throw new Refused('must be of actual, exercise and test, with commas between')
    return numbers
  },
  from: time,
  to: time,
  active(text: string) {
    if (text !== 'true' && text !== 'false') throw new Refused('must be true or false')
    return text === 'true'
  },
  limit(text: string) {
    const limit = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
    if (!(limit >= 1 && limit <= limitMax)) throw new Refused(`must be a whole number from 1 to ${limitMax}`)
    return limit
  },
  cursor(text: string) {
    const cursor = readCursor(text)
    if (cursor === undefined) throw new Refused('must be the cursor of a page before, as it was given')
    return cursor
  },
} as const

type Name = keyof typeof readers

export function readAlertQuery(parameters: URLSearchParams): QueryOutcome {
  const values: Partial<Record<Name, unknown>> = {}
  for (const [name, text] of parameters) {
    if (!Object.hasOwn(readers, name))
      return { ok: false, field: name, message: `is unknown; there are ${Object.keys(readers).join(', ')}` }
    if (values[name as Name] !== undefined) return { ok: false, field: name, message: 'must be given once' }
    try {
      values[name as Name] = readers[name as Name](text)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return { ok: false, field: name, message: error.message }
    }
  }
  const { bbox, cause, status, from, to, active, limit, cursor } = values as { [Key in Name]?: ReturnType<(typeof readers)[Key]> }
  if (from !== undefined && to !== undefined && from > to) return { ok: false, field: 'to', message: 'must not be before from' }
  return {
    ok: true,
    query: { bbox, causes: cause, statuses: status ?? [1, 2], fromMs: from, toMs: to, active, limit: limit ?? limitDefault, cursor },
  }
}

export function writeCursor({ firstRecordedAtMs, key }: PageCursor): string {
  return Buffer.from(JSON.stringify([firstRecordedAtMs, key])).toString('base64url')
}

function readCursor(text: string): PageCursor | undefined {
  try {
    const [firstRecordedAtMs, key] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [unknown, unknown]
    if (typeof firstRecordedAtMs !== 'number' || typeof key !== 'string' || key.includes('\0')) return undefined
    return { firstRecordedAtMs, key }
  } catch {
    return undefined // not one of ours
  }
}

/** RFC 3339 with a zone, such as 2026-01-31T08:00:00Z. */
function time(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const timeMs = isTime ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) throw new Refused('must be a time with its zone, such as 2026-01-31T08:00:00Z')
  return timeMs
}

function decimal(text: string): number {
  return /^[+-]?\d{1,3}(\.\d{1,20})?$/.test(text) ? Number(text) : Number.NaN
}
