/** Causes that name one and the same kind of hazard, as detection is scored: a crash is an accident, a breakdown stands still. */
const families: readonly (readonly number[])[] = [
  [2, 92],
  [91, 94],
  [1, 27],
  [6, 7, 9],
  [17, 18, 19],
  [97, 99],
]

/** Whether two ETSI cause codes are of one family; a cause of none is its own. */
export function isSameFamily(a: number, b: number): boolean {
  return a === b || families.some(family => family.includes(a) && family.includes(b))
}
