export interface RequestRateOptions {
  readonly perSecond: number
  /** What may come at once. */
  readonly burst: number
  readonly monotonicMs: () => number
}

/** Addresses remembered, about 150 bytes each; when full, the one unheard for longest is forgotten, and with it what it used up. */
const addressesMax = 10_000

/** How often each address may ask: a bucket that fills evenly. True = go on. */
export function createRequestRate({ perSecond, burst, monotonicMs }: RequestRateOptions): (address: string) => boolean {
  /** In the order last heard. */
  const buckets = new Map<string, { tokens: number; atMs: number }>()
  return address => {
    const nowMs = monotonicMs()
    const bucket = buckets.get(address) ?? { tokens: burst, atMs: nowMs }
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1_000)
    bucket.atMs = nowMs
    buckets.delete(address)
    buckets.set(address, bucket)
    if (buckets.size > addressesMax) buckets.delete(buckets.keys().next().value!)
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }
}
