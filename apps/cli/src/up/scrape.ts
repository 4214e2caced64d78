/** Values of one scrape by metric name. */
export interface Scrape {
  /** Sum of the metric's values whose labels fit; undefined if there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number | undefined
}

interface Row {
  readonly name: string
  readonly labels: string
  readonly value: number
}

/** A tier on loopback answers within milliseconds; one that does not is shown as silent, and asked again. */
const timeoutMs = 2_000

/** What an app shows at its admin port; undefined if it does not answer. */
export async function scrape(adminPort: number): Promise<Scrape | undefined> {
  const text = await fetchText(`http://127.0.0.1:${adminPort}/metrics`)
  return text === undefined ? undefined : parseScrape(text)
}

/** JSON of a URL; undefined if it does not answer with 200. */
export async function fetchJson(url: string, waitMs = timeoutMs): Promise<unknown> {
  const text = await fetchText(url, waitMs)
  return text === undefined ? undefined : JSON.parse(text)
}

async function fetchText(url: string, waitMs = timeoutMs): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(waitMs) })
    const text = await response.text()
    return response.ok ? text : undefined
  } catch {
    // Not there, too slow, or cut off: to who asks it is all one, and its process's end is told elsewhere.
    return undefined
  }
}

/** Prometheus's text format, as far as our apps write it. */
export function parseScrape(text: string): Scrape {
  const rows: Row[] = []
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name !== undefined) rows.push({ name, labels, value: Number(value) })
  }
  return {
    sum(name, labels = {}) {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      const found = rows.filter(row => row.name === name && wanted.every(pair => row.labels.split(',').includes(pair)))
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
    },
  }
}
