import type { Coordinates } from './distance.js'

/** Longest answer that is read: a footprint's name and a few nodes. */
const answerBytesMax = 65_536
const timeoutMs = 5_000

/** As much of fetch as is used here. */
export type Fetch = (
  url: string,
  init: { readonly signal: AbortSignal; readonly redirect: 'error' },
) => Promise<{ readonly ok: boolean; text(): Promise<string> }>

/** A node that is responsible for a position. */
export interface LocatedNode {
  /** Its name; undefined if the answer has none. */
  readonly name: string | undefined
  /** Its URL for vehicles. */
  readonly url: string
}

/**
 * Asks a node which node is responsible for a position: `GET /v1/locate?lat=&lon=` at the host of its URL for vehicles. The answer is
 * the JSON of ZoneServiceLocateResponse; of it `node` is taken. No token is sent, and undefined is the answer to all failures: then the
 * vehicle goes where it began.
 */
export async function locateOwner(fetch: Fetch, nodeUrl: string, at: Coordinates): Promise<LocatedNode | undefined> {
  const url = new URL('/v1/locate', nodeUrl)
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:'
  url.searchParams.set('lat', at.latitude.toFixed(7))
  url.searchParams.set('lon', at.longitude.toFixed(7))
  try {
    const response = await fetch(url.href, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    const text = response.ok ? await response.text() : ''
    if (text === '' || text.length > answerBytesMax) return undefined
    const node = (JSON.parse(text) as { readonly node?: { readonly name?: unknown; readonly vehicleUrl?: unknown } } | null)?.node
    if (typeof node?.vehicleUrl !== 'string') return undefined
    return { name: typeof node.name === 'string' ? node.name : undefined, url: node.vehicleUrl }
  } catch {
    // Unreachable, slow or no JSON: all the same to a vehicle that knows another way.
    return undefined
  }
}

/** The URL alone of `locateOwner`. */
export async function locateNode(fetch: Fetch, nodeUrl: string, at: Coordinates): Promise<string | undefined> {
  return (await locateOwner(fetch, nodeUrl, at))?.url
}
