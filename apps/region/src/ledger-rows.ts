// Deliveries of one alert, counted by revision and node, and the vehicles that were warned, each once.
import { type DeliveryFold, isWarned } from '@outrider/delivery'
import { outrider } from '@outrider/protocol'

const { DeliveryState, DropReason } = outrider.v1

export type LedgerRow = outrider.v1.LedgerRow.$Properties & { readonly revision: number; readonly node: string }

export interface LedgerCounts {
  /** By revision, then node. */
  readonly rows: readonly LedgerRow[]
  readonly vehiclesWarned: number
}

export interface FoldedDelivery {
  readonly revision: number
  readonly node: string
  /** Pseudonym. */
  readonly vehicle: string
  readonly fold: DeliveryFold
}

const columns = {
  [DeliveryState.DELIVERY_STATE_TARGETED]: 'pending',
  [DeliveryState.DELIVERY_STATE_ACKNOWLEDGED]: 'acknowledged',
  [DeliveryState.DELIVERY_STATE_EXPIRED]: 'expired',
  [DeliveryState.DELIVERY_STATE_SUPERSEDED]: 'superseded',
  [DeliveryState.DELIVERY_STATE_ENDED]: 'ended',
  [DeliveryState.DELIVERY_STATE_WITHDRAWN]: 'withdrawn',
  [DeliveryState.DELIVERY_STATE_MOVED]: 'moved',
} as const
type Column = (typeof columns)[keyof typeof columns] | 'targeted' | 'shown' | 'alreadyHeld' | 'recovered'

interface RowUnderWay {
  readonly revision: number
  readonly node: string
  readonly counts: Partial<Record<Column, number>>
  /** By DropReason number. */
  readonly dropped: Map<number, number>
}

export function ledgerOf(deliveries: readonly FoldedDelivery[]): LedgerCounts {
  const rows = new Map<string, RowUnderWay>()
  const warned = new Set<string>()
  for (const delivery of deliveries) {
    const { revision, node, vehicle, fold } = delivery
    const name = `${revision} ${node}`
    const row = rows.get(name) ?? { revision, node, counts: {}, dropped: new Map() }
    rows.set(name, row)
    count(row, fold)
    if (isWarned(fold)) warned.add(vehicle)
  }
  const sorted = [...rows.values()].sort((a, b) => a.revision - b.revision || (a.node < b.node ? -1 : 1))
  return {
    rows: sorted.map(({ revision, node, counts, dropped }) => ({ revision, node, ...counts, dropped: droppedOf(dropped) })),
    vehiclesWarned: warned.size,
  }
}

function count({ counts, dropped }: RowUnderWay, { state, dropReason, shownAtMs, alreadyHeld, recovered }: DeliveryFold): void {
  const add = (column: Column) => {
    counts[column] = (counts[column] ?? 0) + 1
  }
  add('targeted')
  if (state === DeliveryState.DELIVERY_STATE_DROPPED) dropped.set(dropReason, (dropped.get(dropReason) ?? 0) + 1)
  else add(columns[state as keyof typeof columns])
  if (shownAtMs !== null) add('shown')
  if (alreadyHeld) add('alreadyHeld')
  if (recovered) add('recovered')
}

/** A reason of a newer node counts as none given. */
function droppedOf(dropped: ReadonlyMap<number, number>) {
  return [...dropped].sort(([a], [b]) => a - b).map(([reason, count]) => ({ reason: reason in DropReason ? reason : 0, count }))
}
