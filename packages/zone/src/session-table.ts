import type { VehicleIdentity } from '@outrider/identity'
import { Session } from './session.js'
import type { ZonePolicy } from './zone-policy.js'

/**
 * Sessions by row and by vehicle. A row belongs to a vehicle from its first connection until `resumeMs` after it went, so that a reconnect
 * finds its track, its report numbers and its deliveries.
 */
export interface SessionTable {
  at(row: number): Session | undefined
  /** The vehicle's session, or a new one on a free row; undefined if there is none, and nobody who went could make room. */
  take(vehicle: VehicleIdentity, release: (session: Session) => void): Session | undefined
  /** Gives a row back. */
  free(session: Session): void
  /** All sessions, connected or gone, in the order of their first connection. */
  all(): IterableIterator<Session>
  readonly size: number
}

export function createSessionTable(policy: ZonePolicy): SessionTable {
  const rows: (Session | undefined)[] = new Array(policy.vehiclesMax).fill(undefined)
  const byVehicle = new Map<string, Session>()
  const freed: number[] = []
  let unused = 0

  const free = (session: Session): void => {
    rows[session.row] = undefined
    byVehicle.delete(keyOf(session.vehicle))
    freed.push(session.row)
  }
  const freeRow = (release: (session: Session) => void): number | undefined => {
    if (freed.length > 0) return freed.pop()
    if (unused < policy.vehiclesMax) return unused++
    let longestGone: Session | undefined
    for (const session of byVehicle.values()) {
      if (!session.connected && (longestGone === undefined || session.goneAtMs < longestGone.goneAtMs)) longestGone = session
    }
    if (longestGone === undefined) return undefined
    release(longestGone)
    return freed.pop()
  }
  return {
    at: row => rows[row],
    take(vehicle, release) {
      const known = byVehicle.get(keyOf(vehicle))
      if (known !== undefined) return known
      const row = freeRow(release)
      if (row === undefined) return undefined
      const session = new Session(row, vehicle, policy)
      rows[row] = session
      byVehicle.set(keyOf(vehicle), session)
      return session
    },
    free,
    all: () => byVehicle.values(),
    get size() {
      return byVehicle.size
    },
  }
}

/** Pseudonyms are one authority's own. */
function keyOf(vehicle: VehicleIdentity): string {
  return `${vehicle.authority}\n${vehicle.pseudonym}`
}
