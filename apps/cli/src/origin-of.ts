import type { Origin } from '@outrider/traffic'
import { InvalidArgumentError } from 'commander'

/** Reads a flag's `LAT,LON` in degrees. */
export function originOf(text: string): Origin {
  const [lat, lon] = text.split(',').map(Number)
  if (/^-?[\d.]+,-?[\d.]+$/.test(text) && Math.abs(lat!) <= 85 && Math.abs(lon!) <= 180) return { lat: lat!, lon: lon! }
  throw new InvalidArgumentError('It must be LAT,LON in degrees, latitude within 85.')
}
