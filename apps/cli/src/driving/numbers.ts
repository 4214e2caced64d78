/** Whole numbers as people read them: 12,345. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

export function milliseconds(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : grouped(ms)} ms`
}

/** `1 vehicle`, `2 vehicles`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}

/** `{shed: 3, stale: 1}` as `3 shed, 1 stale`; empty for none. */
export function tabled(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${grouped(count)} ${name}`)
    .join(', ')
}
