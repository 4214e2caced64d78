/** A uint64 of the wire as a sequence; NaN if it is missing or beyond what a double counts exactly. Generated code has numbers or Longs. */
export function toSequence(value: number | { toNumber(): number } | null | undefined): number {
  const number = typeof value === 'number' ? value : (value?.toNumber() ?? Number.NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : Number.NaN
}
