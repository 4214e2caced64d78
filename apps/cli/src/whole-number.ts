import { InvalidArgumentError } from 'commander'

/** Reads a flag's whole number from min to max. */
export function wholeIn(min: number, max: number) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number, ${min} to ${max}.`)
  }
}
