/*
 * `--deliveries`: what every vehicle was sent, one JSON line each, in the order of sending. Written synchronously in pieces, so that a long
 * trace holds no more than one piece and a full disk stops the run at once.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { haversineM } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import { CliError, exitCodes } from '../cli-error.js'
import type { Delivery } from './recorded-vehicles.js'

const { Priority } = outrider.v1
const pieceChars = 65_536

/** A line of the file. */
interface DeliveryLine {
  readonly alert: string
  readonly revision: number
  /** First of an alert for the vehicle, a later revision of one it knows, ended for everyone, no longer concerned. */
  readonly kind: Delivery['kind']
  readonly vehicle: string
  /** In the trace's base. */
  readonly atS: number
  /** From the vehicle's last position to the event's. */
  readonly distanceM: number
  /** Null = unknown, or an end. */
  readonly timeToHazardS: number | null
  /** Null = an end. */
  readonly priority: 'information' | 'warning' | 'imminent' | null
}

export interface DeliveriesFile {
  add(delivery: Delivery, atS: number): void
  close(): void
}

/** @throws CliError if the file cannot be written */
export function createDeliveriesFile(path: string): DeliveriesFile {
  const file = orCliError(path, () => openSync(path, 'w'))
  let piece = ''
  const write = (): void => {
    orCliError(path, () => {
      const bytes = Buffer.from(piece)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    })
    piece = ''
  }
  return {
    add(delivery, atS) {
      piece += `${JSON.stringify(lineOf(delivery, atS))}\n`
      if (piece.length >= pieceChars) write()
    },
    close() {
      write()
      closeSync(file)
    },
  }
}

function lineOf({ kind, vehicle, alertKey, alert, timeToHazardMs, priority }: Delivery, atS: number): DeliveryLine {
  const { lat, lon } = vehicle.last
  const { latitudeE7 = 0, longitudeE7 = 0 } = alert.eventPosition ?? {}
  return {
    alert: alertKey,
    revision: alert.revision ?? 1,
    kind,
    vehicle: vehicle.name,
    atS,
    distanceM: Math.round(haversineM(lat, lon, (latitudeE7 ?? 0) / 1e7, (longitudeE7 ?? 0) / 1e7) * 10) / 10,
    timeToHazardS: timeToHazardMs === undefined ? null : timeToHazardMs / 1_000,
    priority: priorityName(priority),
  }
}

function priorityName(priority: number): DeliveryLine['priority'] {
  if (priority === Priority.PRIORITY_UNSPECIFIED) return null
  return priority === Priority.PRIORITY_IMMINENT ? 'imminent' : priority === Priority.PRIORITY_WARNING ? 'warning' : 'information'
}

function orCliError<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new CliError(exitCodes.failed, `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
