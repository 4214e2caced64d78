import { InvalidArgumentError } from 'commander'

/** A parser of numbers between two others. */
export function numberBetween(min: number, max: number, { whole = false } = {}): (text: string) => number {
  return text => {
    const value = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value
    throw new InvalidArgumentError(`It must be a ${whole ? 'whole ' : ''}number, ${min} to ${max}.`)
  }
}
