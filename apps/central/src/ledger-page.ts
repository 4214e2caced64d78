import { parseAlertKey } from '@outrider/protocol'
import { PageRefused } from '@outrider/service'
import { readLedger } from './api/read-ledger.js'
import { readVehicles, vehiclesLimitMax } from './api/read-vehicles.js'
import type { Queries } from './store/store.js'

const limitDefault = 1_000

/**
 * `/ledger?alert=ID&after=VEHICLE&limit=N` of the admin port: the ledger of an alert, and its vehicles by pseudonym, those after one of them.
 * How many were warned, how far ahead, who was not and why, in one answer.
 */
export function createLedgerPage(queries: Queries, wallMs: () => number): (query: URLSearchParams) => Promise<unknown> {
  return async query => {
    const alert = query.get('alert') ?? ''
    const after = query.get('after') ?? ''
    const limitText = query.get('limit') ?? String(limitDefault)
    const limit = /^\d{1,5}$/.test(limitText) ? Number(limitText) : 0
    if (parseAlertKey(alert) === undefined || alert.includes('\0'))
      throw new PageRefused('alert must be an id, node/boot/sequence, as /v1/alerts has it')
    if (limit < 1 || limit > vehiclesLimitMax) throw new PageRefused(`limit must be a whole number from 1 to ${vehiclesLimitMax}`)
    if (after.includes('\0')) throw new PageRefused('after must be a pseudonym of the page before')
    const ledger = await readLedger(queries, alert, wallMs())
    if (ledger === undefined) throw new PageRefused(`no delivery of ${alert} is known, nor the alert`)
    const vehicles = await readVehicles(queries, alert, after, limit)
    return { ...ledger, vehicleList: vehicles, next: vehicles.length === limit ? vehicles.at(-1)!.vehicle : null }
  }
}
