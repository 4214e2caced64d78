/** What a request made, so that a retry gives the same. */
export interface AlertRequest {
  /** Caller and the request id it chose. */
  readonly key: string
  /** Digest of method and content: a retry has the same. */
  readonly digest: string
  readonly alertKey: string
  /** The alert as it was replied, encoded, in base64: for a retry that comes when the alert is forgotten. */
  readonly alert: string
  /** Wall time of the reply. */
  readonly atMs: number
}

export interface AlertRequests {
  get(key: string): AlertRequest | undefined
  /** Adding one again changes nothing. */
  add(request: AlertRequest, nowMs: number): void
  isFull(nowMs: number): boolean
  /** Those that still have to be remembered. */
  all(nowMs: number): IterableIterator<AlertRequest>
}

/** A retry within 24 h gives the same alert; an hour more covers clocks that differ. */
const keepMs = 25 * 3_600_000
/** One every 5 s for 25 h is 18,000; ~600 bytes each, 12 MB. Beyond: further requests are refused until older ones are over. */
const requestsMax = 20_000

export function createAlertRequests(): AlertRequests {
  /** In the order they came, which is the order they go. */
  const requests = new Map<string, AlertRequest>()

  function forget(nowMs: number): void {
    for (const { key, atMs } of requests.values()) {
      if (nowMs - atMs < keepMs) break
      requests.delete(key)
    }
  }

  return {
    get: key => requests.get(key),
    add(request, nowMs) {
      forget(nowMs)
      if (!requests.has(request.key)) requests.set(request.key, request)
    },
    isFull(nowMs) {
      forget(nowMs)
      return requests.size >= requestsMax
    },
    all(nowMs) {
      forget(nowMs)
      return requests.values()
    },
  }
}
