import type { Origin } from '@outrider/traffic'
import { InvalidArgumentError } from 'commander'

/** `LAT,LON` in degrees. */
export function originOf(text: string): Origin {
  const [lat, lon, ...more] = text.split(',').map(decimal)
  if (more.length > 0 || !(Math.abs(lat ?? Number.NaN) <= 85) || !(Math.abs(lon ?? Number.NaN) <= 180))
    throw new InvalidArgumentError('must be latitude,longitude in degrees, such as 53.55,9.99')
  return { lat: lat!, lon: lon! }
}

export function shareOf(text: string): number {
  const share = decimal(text)
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('must be a number from 0 to 1')
  return share
}

export function wholeNumber(text: string): number {
  const number = decimal(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('must be a whole number, 0 or more')
  return number
}

export function secondsOf(text: string): number {
  const seconds = decimal(text)
  if (!Number.isFinite(seconds)) throw new InvalidArgumentError('must be a number of seconds')
  return seconds
}

function decimal(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
