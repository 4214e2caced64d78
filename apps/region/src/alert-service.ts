import { outrider } from '@outrider/protocol'
import type { Zones } from '@outrider/zone-table'
import { type AlertBoard, keyOf } from './alert-board.js'
import { createAlertMatch } from './alert-filter.js'
import type { AlertHistory } from './alert-history.js'
import { type AlertWatch, createAlertWatch, type WatchStream } from './alert-watch.js'
import { type AlertWriter, liveAlertOf } from './alert-writer.js'
import { type Caller, requireIssuer } from './caller.js'
import type { DeliveryLedgers } from './delivery-ledgers.js'
import { RpcFailure } from './rpc-failure.js'

export interface AlertServiceOptions {
  readonly board: AlertBoard
  readonly history: AlertHistory
  readonly writer: AlertWriter
  readonly ledgers: Pick<DeliveryLedgers, 'ledger' | 'sureFromMs'>
  readonly zones: () => Zones
  readonly schedule: (delayMs: number, call: () => void) => () => void
  /** Watchers at once; default 256: each costs its place in the history and a socket. */
  readonly watchersMax?: number
}

const pageSizeDefault = 100
const pageSizeMax = 1_000
/**
 * A page ends here too: gRPC clients take 4 MiB by default, and a hundred alerts of 64 KiB would be more. The last one may go over it, by
 * no more than an alert's own 64 KiB.
 */
const pageBytesMax = 3 * 1_024 * 1_024
const watchersMaxDefault = 256

/** outrider.v1.AlertService, less its transport. */
export type AlertService = ReturnType<typeof createAlertService>

export function createAlertService({
  board,
  history,
  writer,
  ledgers,
  zones,
  schedule,
  watchersMax = watchersMaxDefault,
}: AlertServiceOptions) {
  let watchers = 0

  return {
    async issue(request: outrider.v1.AlertServiceIssueRequest.$Properties, caller: Caller) {
      requireIssuer(caller)
      return { alert: await writer.issue(request, caller) }
    },
    async update(request: outrider.v1.AlertServiceUpdateRequest.$Properties, caller: Caller) {
      requireIssuer(caller)
      return { alert: await writer.update(request, caller) }
    },
    async end(request: outrider.v1.AlertServiceEndRequest.$Properties, caller: Caller) {
      requireIssuer(caller)
      return { alert: await writer.end(request, caller) }
    },
    async get({ alertId }: outrider.v1.AlertServiceGetRequest.$Properties) {
      const key = keyOf(alertId)
      if (key === undefined) throw new RpcFailure('invalid_argument', 'alert_id must name node, boot and sequence of an alert')
      const entry = board.get(key)
      if (entry === undefined) throw new RpcFailure('not_found', `there is no alert ${key} here; it may be over and forgotten`)
      return { alert: liveAlertOf(entry, board.now().monotonicMs) }
    },
    async list({ filter, pageSize, pageToken }: outrider.v1.AlertServiceListRequest.$Properties) {
      if ((pageSize ?? 0) > pageSizeMax) throw new RpcFailure('invalid_argument', `page_size is ${pageSize}; at most ${pageSizeMax}`)
      const size = pageSize || pageSizeDefault
      const after = Buffer.from(pageToken ?? '', 'base64url').toString()
      const match = createAlertMatch(filter, zones)
      const found = [...board.entries()].filter(entry => entry.key > after && match(entry)).sort((a, b) => (a.key < b.key ? -1 : 1))
      const alerts: outrider.v1.LiveAlert.$Properties[] = []
      let bytes = 0
      for (const entry of found.slice(0, size)) {
        const alert = liveAlertOf(entry, board.now().monotonicMs)
        alerts.push(alert)
        bytes += outrider.v1.LiveAlert.encode(alert).finish().length
        if (bytes >= pageBytesMax) break
      }
      const isLast = alerts.length === found.length
      return { alerts, nextPageToken: isLast ? '' : Buffer.from(found[alerts.length - 1]!.key).toString('base64url') }
    },
    watch({ filter, resumeToken }: outrider.v1.AlertServiceWatchRequest.$Properties, stream: WatchStream): AlertWatch {
      const match = createAlertMatch(filter, zones)
      if (watchers >= watchersMax) throw new RpcFailure('resource_exhausted', `${watchersMax} watchers are connected already`)
      watchers++
      const watch = createAlertWatch({ board, history, match, resumeToken: resumeToken ?? '', stream, schedule })
      return {
        onWritable: watch.onWritable,
        close() {
          watch.close()
          watchers--
        },
      }
    },
    async getLedger({ alertId, revision }: outrider.v1.AlertServiceGetLedgerRequest.$Properties) {
      const key = keyOf(alertId)
      if (key === undefined) throw new RpcFailure('invalid_argument', 'alert_id must name node, boot and sequence of an alert')
      const entry = board.get(key)
      const ledger = ledgers.ledger(key)
      if (entry === undefined && ledger === undefined)
        throw new RpcFailure('not_found', `there is no alert ${key} here; it may be over and forgotten, central keeps its ledger longer`)
      const { rows = [], vehiclesWarned = 0, counted = true } = ledger ?? {}
      // Of an alert that is not known any more, when it began is not known either.
      const complete = counted && (entry?.alert?.detectionTimeMs ?? 0) > ledgers.sureFromMs
      return { rows: rows.filter(row => revision == null || row.revision === revision), vehiclesWarned, complete }
    },
  }
}
