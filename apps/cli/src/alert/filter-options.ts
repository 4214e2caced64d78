import type { outrider } from '@outrider/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import { readCause } from './alert-content.js'

export interface FilterOptions {
  readonly cause?: readonly number[]
  readonly zone?: readonly string[]
  readonly box?: outrider.v1.Area.$Properties
}

/** Flags of list and watch: which alerts. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--cause <code...>', 'only these causes, codes or names', (text, before: readonly number[] = []) => [
      ...before,
      readCause(text),
    ])
    .option('--zone <name...>', 'only alerts that reach these zones')
    .option('--box <s,w,n,e>', 'only alerts in this box, degrees: south, west, north, east', readBox)
}

export function filterOf({ cause, zone, box }: FilterOptions, includeEnded: boolean): outrider.v1.AlertFilter.$Properties {
  return { causes: [...(cause ?? [])], zones: [...(zone ?? [])], area: box ?? null, includeEnded }
}

function readBox(text: string): outrider.v1.Area.$Properties {
  const parts = text.split(',').map(part => (/^\s*[+-]?\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN))
  const [south, west, north, east] = parts as [number, number, number, number]
  const isBox = parts.length === 4 && south >= -90 && south < north && north <= 90 && west >= -180 && west < east && east <= 180
  if (!isBox) throw new InvalidArgumentError('It must be south, west, north and east in degrees, such as 53.5,9.9,53.6,10.1.')
  const corner = (latitude: number, longitude: number) => ({
    latitudeE7: Math.round(latitude * 1e7),
    longitudeE7: Math.round(longitude * 1e7),
  })
  const points = [corner(south, west), corner(south, east), corner(north, east), corner(north, west)]
  return { polygons: { polygons: [{ outer: { points } }] } }
}
