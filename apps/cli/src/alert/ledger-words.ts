// What became of an alert's deliveries, in words, for people at a terminal.
import { outrider } from '@outrider/protocol'
import { tableLines } from '../print-table.js'

type RegionLedger = outrider.v1.AlertServiceGetLedgerResponse.$Properties
type LedgerRow = outrider.v1.LedgerRow.$Properties

const { DropReason } = outrider.v1

/** Columns of a ledger in the order of a delivery's life; those that are 0 in all rows are left out, less the first two. */
const columns = ['targeted', 'acknowledged', 'pending', 'expired', 'superseded', 'ended', 'withdrawn', 'moved', 'dropped', 'shown'] as const
type Counts = Readonly<Record<(typeof columns)[number], number>>

/** As the region has it: a row per revision and node. */
export function regionLedgerLines({ rows = [], vehiclesWarned, complete }: RegionLedger): string[] {
  if (!rows?.length) return [line('deliveries', complete ? 'none' : 'none known here; what came before this region’s data is at central')]
  const counts = rows.map(countsOfRow)
  const table = countTable(
    rows.map(({ revision, node }) => [String(revision ?? 0), node ?? '']),
    counts,
  )
  const reasons = reasonText(rows.flatMap(({ dropped }) => dropped ?? []).map(({ reason, count }) => [reasonWord(reason ?? 0), count ?? 0]))
  return [
    line('warned', `${vehicles(vehiclesWarned ?? 0)}, so far as nodes have told the region${complete ? '' : '; steps are missing here'}`),
    ...(reasons === '' ? [] : [line('dropped', reasons)]),
    '',
    ...table.map(row => `  ${row}`),
  ]
}

/** As central answers `/v1/alerts/{id}/ledger`; what it may have besides is not looked at. */
export interface CentralLedger {
  readonly alert: string
  readonly state: string
  readonly vehicles: Readonly<
    Record<'targeted' | 'warned' | 'notWarned' | 'shown' | 'reached' | 'reachedWarned' | 'reachedUnwarned' | 'neverReached', number>
  >
  readonly notWarnedBy: Readonly<Record<string, number>>
  readonly ahead: { readonly distanceM: Spread; readonly timeToHazardS: Spread }
  readonly leadS: Spread
  readonly deliveries: Counts
  readonly revisions: readonly (Counts & { readonly revision: number; readonly nodes: readonly (Counts & { readonly node: string })[] })[]
  readonly revisionsLeftOut: number
  readonly complete: boolean
  /** From the admin port. */
  readonly vehicleList?: readonly LedgerVehicle[]
  readonly next?: string | null
}

interface Spread {
  readonly vehicles: number
  readonly min: number | null
  readonly median: number | null
  readonly max: number | null
}

interface LedgerVehicle {
  readonly vehicle: string
  readonly warned: boolean
  readonly outcome: string
  readonly node: string
  readonly distanceM: number | null
  readonly timeToHazardS: number | null
  readonly leadS: number | null
  readonly shownAt: string | null
  readonly reachedAt: string | null
}

export function centralLedgerLines(ledger: CentralLedger): string[] {
  const { alert, state, vehicles: count, ahead, leadS, complete, revisions, revisionsLeftOut } = ledger
  const why = reasonText(Object.entries(ledger.notWarnedBy).map(([reason, number]) => [words(reason), number]))
  const rows = revisions.flatMap(({ revision, nodes }) => nodes.map(node => ({ revision, ...node })))
  return [
    `${alert}: ${state}`,
    line('concerned', vehicles(count.targeted)),
    line('warned', `${count.warned}, ${count.shown} of them shown to the driver`),
    line('not warned', count.notWarned === 0 ? '0' : `${count.notWarned}: ${why}`),
    line('ahead', `${spreadText(ahead.distanceM, 'm', 'no distance known')}; in time ${spreadText(ahead.timeToHazardS, 's', 'unknown')}`),
    line('came to it', `${count.reached}, ${count.reachedWarned} warned before, ${count.reachedUnwarned} not`),
    line('lead', spreadText(leadS, 's', 'nobody came to it after a warning')),
    line('never came', `${count.neverReached} of those it was shown to`),
    ...(complete ? [] : [line('incomplete', 'a node lost records; steps may be missing')]),
    ...(revisionsLeftOut === 0 ? [] : [line('left out', `${revisionsLeftOut} older revisions, which are in the numbers above`)]),
    '',
    ...countTable(
      rows.map(({ revision, node }) => [String(revision), node]),
      rows,
    ).map(row => `  ${row}`),
    ...(ledger.vehicleList === undefined ? [] : ['', ...vehicleLines(ledger.vehicleList).map(row => `  ${row}`)]),
    ...(ledger.next ? ['', `  more: --after ${ledger.next}`] : []),
  ]
}

function vehicleLines(list: readonly LedgerVehicle[]): string[] {
  const number = (value: number | null) => (value === null ? '-' : String(value))
  return tableLines(
    ['vehicle', 'warned', 'outcome', 'node', 'distance m', 'to hazard s', 'shown', 'at the hazard', 'lead s'],
    list.map(({ vehicle, warned, outcome, node, distanceM, timeToHazardS, shownAt, reachedAt, leadS }) => [
      vehicle,
      warned ? 'yes' : 'no',
      words(outcome),
      node,
      number(distanceM),
      number(timeToHazardS),
      shownAt ?? '-',
      reachedAt ?? '-',
      number(leadS),
    ]),
  )
}

function countTable(names: readonly (readonly string[])[], counts: readonly Counts[]): string[] {
  const used = columns.filter((column, at) => at < 2 || counts.some(count => count[column] > 0))
  return tableLines(
    ['revision', 'node', ...used],
    counts.map((count, at) => [...names[at]!, ...used.map(column => String(count[column]))]),
  )
}

function countsOfRow({ dropped, ...row }: LedgerRow): Counts {
  const sum = (dropped ?? []).reduce((total, { count }) => total + (count ?? 0), 0)
  return Object.fromEntries(columns.map(column => [column, column === 'dropped' ? sum : (row[column] ?? 0)])) as unknown as Counts
}

function reasonText(reasons: readonly (readonly [string, number])[]): string {
  const sums = new Map<string, number>()
  for (const [reason, count] of reasons) sums.set(reason, (sums.get(reason) ?? 0) + count)
  return [...sums].map(([reason, count]) => `${count} ${reason}`).join(', ')
}

function spreadText({ vehicles: count, min, median, max }: Spread, unit: string, none: string): string {
  if (count === 0) return none
  return min === max ? `${min} ${unit}` : `${min} to ${max} ${unit}, half of ${count} at least ${median} ${unit}`
}

function reasonWord(reason: outrider.v1.DropReason): string {
  return words(
    String(DropReason[reason] ?? DropReason[0])
      .replace('DROP_REASON_', '')
      .toLowerCase(),
  )
}

function words(name: string): string {
  return name.replaceAll('_', ' ')
}

function vehicles(count: number): string {
  return `${count} ${count === 1 ? 'vehicle' : 'vehicles'}`
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(11)} ${text}`
}
