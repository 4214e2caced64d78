/** Reports that zones refused, by reason. */
export type RefusedReports = Readonly<Record<string, number>>

/** "12 (shed 10, late 2)", the most frequent first; undefined if there are none. @param reasonsMax the others together as "other" */
export function refusedText(refused: RefusedReports, reasonsMax: number): string | undefined {
  const found = Object.entries(refused)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
  if (found.length === 0) return undefined
  const sum = (entries: readonly (readonly [string, number])[]) => entries.reduce((total, [, count]) => total + count, 0)
  const other = sum(found.slice(reasonsMax))
  const named = found.slice(0, reasonsMax).map(([reason, count]) => `${reason} ${count}`)
  return `${sum(found)} (${[...named, ...(other > 0 ? [`other ${other}`] : [])].join(', ')})`
}
