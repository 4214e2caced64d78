/** A bucket that fills evenly: `perSecond`, and at most `burstSeconds` worth of it at once. */
export interface Bucket {
  tokens: number
  atMs: number
}

export interface BucketSize {
  readonly perSecond: number
  readonly burst: number
}

/** Takes one; false if it is empty. */
export function takeToken(bucket: Bucket, { perSecond, burst }: BucketSize, nowMs: number): boolean {
  bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1_000)
  bucket.atMs = nowMs
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

export interface RequestLimitsOptions {
  readonly monotonicMs: () => number
  readonly all: BucketSize
  readonly perAddress: BucketSize
  /** Addresses remembered; when full, the one unheard for longest is forgotten, and with it what it used up. */
  readonly addressesMax: number
}

/** How often strangers may ask: all together, and each address. */
export interface RequestLimits {
  /** Undefined = go on; else which limit was reached. */
  take(address: string): 'address' | 'all' | undefined
}

export function createRequestLimits({ monotonicMs, all, perAddress, addressesMax }: RequestLimitsOptions): RequestLimits {
  const together: Bucket = { tokens: all.burst, atMs: monotonicMs() }
  /** In the order last heard. At about 150 bytes each, 10,000 are 1.5 MB. */
  const addresses = new Map<string, Bucket>()
  return {
    take(address) {
      const nowMs = monotonicMs()
      const own = addresses.get(address) ?? { tokens: perAddress.burst, atMs: nowMs }
      addresses.delete(address)
      addresses.set(address, own)
      if (addresses.size > addressesMax) addresses.delete(addresses.keys().next().value!)
      // The own limit first: who is over it takes nothing from the others.
      if (!takeToken(own, perAddress, nowMs)) return 'address'
      return takeToken(together, all, nowMs) ? undefined : 'all'
    },
  }
}
