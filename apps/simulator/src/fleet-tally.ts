import type { VehicleEvent } from '@outrider/sdk'

interface FleetCounts {
  /** Samples handed to an SDK; before a vehicle's first link; not sendable at all. */
  readonly samples: number
  readonly samplesBeforeLink: number
  /** Values left out because the wire has no place for them, by field. */
  readonly valuesLeftOut: Readonly<Record<string, number>>
  /** Reports written, repeats aside = accepted + refused + unacknowledged + expired + open. */
  readonly reportsSent: number
  /** Acknowledged as durable. */
  readonly reportsAccepted: number
  readonly reportsRefused: Readonly<Record<string, number>>
  /** Telemetry whose link ended first. */
  readonly reportsUnacknowledged: number
  /** Urgent reports given up after 60 s, or at the close. */
  readonly reportsExpired: number
  readonly reportsOpen: number
  /** (Alert, vehicle) pairs: alerts that came to a vehicle which did not have them. */
  readonly alertsReceived: number
  readonly alertsShown: number
  readonly alertsEnded: Readonly<Record<string, number>>
  /** (Alert, revision, vehicle) acknowledged as taken. */
  readonly deliveriesAcknowledged: number
  readonly linksWelcomed: number
  /** Links that ended, not left by the vehicle itself, by close code or HTTP status. */
  readonly linksEnded: Readonly<Record<string, number>>
  /** Changes of node begun. */
  readonly moves: number
  /** Failures to connect and ends for good, by the SDK's code. */
  readonly failures: Readonly<Record<string, number>>
}

/** Counts what a fleet does. Keys come from fixed lists, so that nothing grows. */
export interface FleetTally {
  event(event: VehicleEvent): void
  count(name: CountName, by?: number): void
  countBy(name: TableName, key: string): void
  readonly counts: FleetCounts
}

type CountName = 'samples' | 'samplesBeforeLink' | 'alertsShown' | 'deliveriesAcknowledged' | 'moves'
type TableName = 'valuesLeftOut' | 'alertsEnded' | 'failures'

const newToVehicle: readonly string[] = ['new', 'quiet', 'continued', 'dropped']

export function createFleetTally(): FleetTally {
  const plain = {
    samples: 0,
    samplesBeforeLink: 0,
    reportsSent: 0,
    reportsAccepted: 0,
    reportsUnacknowledged: 0,
    reportsExpired: 0,
    alertsReceived: 0,
    alertsShown: 0,
    deliveriesAcknowledged: 0,
    linksWelcomed: 0,
    moves: 0,
  }
  const tables = { valuesLeftOut: table(), reportsRefused: table(), alertsEnded: table(), linksEnded: table(), failures: table() }
  /** Urgent reports that were never written count as decided too: they were never sent. */
  let decided = 0

  function decide(event: Extract<VehicleEvent, { event: 'report_decided' }>): void {
    const { outcome } = event
    decided++
    if (outcome.kind === 'accepted') plain.reportsAccepted++
    else if (outcome.kind === 'refused') add(tables.reportsRefused, outcome.reason)
    else if (event.isUrgent) plain.reportsExpired++
    else plain.reportsUnacknowledged++
  }

  return {
    event(event) {
      if (event.event === 'report_sent' && !event.isRepeat) plain.reportsSent++
      else if (event.event === 'report_decided') decide(event)
      else if (event.event === 'alert_pushed' && newToVehicle.includes(event.outcome)) plain.alertsReceived++
      else if (event.event === 'link_welcomed') plain.linksWelcomed++
      else if (event.event === 'link_ended') add(tables.linksEnded, String(event.httpStatus ?? event.code))
    },
    count(name, by = 1) {
      plain[name] += by
    },
    countBy: (name, key) => add(tables[name], key),
    get counts() {
      const { reportsSent } = plain
      const copies = Object.fromEntries(Object.entries(tables).map(([name, counts]) => [name, { ...counts }])) as typeof tables
      return { ...plain, ...copies, reportsOpen: Math.max(0, reportsSent - decided) }
    },
  }
}

const table = (): Record<string, number> => ({})

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
