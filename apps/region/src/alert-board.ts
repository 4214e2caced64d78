// The alerts the region knows, and the requests that made some of them: a function of the region's log, so that a restart knows what was
// replied. Nothing enters before it is durable. Alerts of nodes come as records of their urgent lane (until nodes have peer links, this
// is how alerts cross zones), the region's own by its own records; both carry wall times, and what is left of them is taken from the
// region's clock at the moment they enter, which from then on the monotonic clock counts down.
import { type AlertChange, type AlertEntry, type AlertRegistry, createAlertRegistry, encodeAlertEnd, type Now } from '@outrider/alerts'
import type { Shape } from '@outrider/geo'
import { formatAlertKey, outrider } from '@outrider/protocol'
import { entryKinds, type JournalEntry, type JournalState, type UplinkTime } from '@outrider/uplink'
import { type AlertRequest, createAlertRequests } from './alert-requests.js'
import { compileShape } from './compile-shape.js'

const { Alert, AlertEnd, Record } = outrider.v1

export type BoardEntry = AlertEntry<Shape>
export type BoardChange = AlertChange<Shape>

export interface AlertBoard extends JournalState {
  get(key: string): BoardEntry | undefined
  entries(): IterableIterator<BoardEntry>
  /** What an earlier request with this key made. */
  request(key: string): AlertRequest | undefined
  /** True if no further request can be remembered for its 24 h. */
  readonly requestsAreFull: boolean
  /** True if every entry there is room for is an active alert. */
  readonly isFull: boolean
  now(): Now
  /** Lets time pass: expiries and forgetting. */
  tick(): void
  counts(): ReturnType<AlertRegistry<Shape>['counts']> & { readonly undecodable: number }
}

export interface AlertBoardOptions {
  readonly region: string
  /** Random uint32, not that of the alerts issued here: to the registry even these come from elsewhere, which is the log. */
  readonly boot: number
  readonly time: UplinkTime
  /** Called for each change after it happened; not while the log is replayed. */
  readonly onChange: (change: BoardChange) => void
  /** Called for each record of another body, replayed ones too: it is decoded once. */
  readonly onOther?: (record: outrider.v1.Record, node: string) => void
  readonly entriesMax?: number
}

const keepMsMax = 86_400_000
/** As in packages/alerts: an alert every 5 s kept for 24 h. With shapes and texts some 30 MB. */
const entriesMaxDefault = 16_384

export function createAlertBoard({ region, boot, time, onChange, onOther, entriesMax = entriesMaxDefault }: AlertBoardOptions): AlertBoard {
  const registry = createAlertRegistry<Shape>({ node: region, boot, compileArea: compileShape, entriesMax })
  const requests = createAlertRequests()
  let undecodable = 0

  function now(): Now {
    return { monotonicMs: time.monotonicMs(), wallMs: time.wallMs() }
  }

  function enterAlert(alert: outrider.v1.Alert.$Properties, told: boolean): void {
    const at = now()
    const live = { alert, remainingMs: leftMs(alert.validUntilMs, at), keepRemainingMs: leftMs(alert.keepUntilMs, at) }
    tell(registry.receiveAlert(live, at), told)
  }

  function enterEnd(end: outrider.v1.AlertEnd.$Properties, told: boolean): void {
    const at = now()
    tell(registry.receiveEnd({ end, keepRemainingMs: leftMs(end.keepUntilMs, at) }, at), told)
  }

  function tell(outcome: ReturnType<typeof registry.receiveAlert>, told: boolean): void {
    if (outcome.outcome === 'changed' && told) for (const change of outcome.changes) onChange(change)
  }

  return {
    apply(entry: JournalEntry, replayed: boolean) {
      let record: outrider.v1.Record
      try {
        record = Record.decode(entry.record)
      } catch {
        undecodable++ // the drain takes it to the dead letters
        return
      }
      if (record.alert != null) enterAlert(record.alert, !replayed)
      else if (record.end != null) enterEnd(record.end, !replayed)
      else onOther?.(record, entry.node)
      if (entry.kind === entryKinds.own) requests.add(JSON.parse(Buffer.from(entry.extra).toString()), time.wallMs())
    },
    store() {
      const items: unknown[] = []
      for (const entry of registry.entries()) {
        if (entry.alert !== undefined) items.push({ alert: base64(Alert.encode(entry.alert).finish()) })
        if (entry.state === 'ended') items.push({ end: base64(AlertEnd.encode(encodeAlertEnd(entry)).finish()) })
      }
      for (const request of requests.all(time.wallMs())) items.push({ request })
      return items.map(item => Buffer.from(JSON.stringify(item)))
    },
    restore(bytes) {
      const item = JSON.parse(Buffer.from(bytes).toString()) as { alert?: string; end?: string; request?: AlertRequest }
      if (item.alert !== undefined) enterAlert(Alert.decode(Buffer.from(item.alert, 'base64')), false)
      if (item.end !== undefined) enterEnd(AlertEnd.decode(Buffer.from(item.end, 'base64')), false)
      if (item.request !== undefined) requests.add(item.request, time.wallMs())
    },
    get: key => registry.get(key),
    entries: () => registry.entries(),
    request: key => requests.get(key),
    get requestsAreFull() {
      return requests.isFull(time.wallMs())
    },
    get isFull() {
      return registry.counts().active >= entriesMax
    },
    now,
    tick() {
      for (const change of registry.tick(now(), () => false)) onChange(change)
    },
    counts: () => ({ ...registry.counts(), undecodable }),
  }
}

/** Whole ms until a wall time, 0 to 24 h. */
function leftMs(untilMs: number | null | undefined, { wallMs }: Now): number {
  return Math.max(0, Math.min(keepMsMax, Math.floor((untilMs ?? 0) - wallMs)))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Key of an alert that a caller named; undefined if it names none. */
export function keyOf(id: outrider.v1.AlertId.$Properties | null | undefined): string | undefined {
  return id?.node && id.sequence ? formatAlertKey(id) : undefined
}
