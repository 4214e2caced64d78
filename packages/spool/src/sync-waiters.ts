/** Those who wait for a sequence to be on disk, and those who wait for news of any kind. */
export interface SyncWaiters {
  /** One promise per sequence, however many ask: at most as many as records are pending. */
  when(sequence: number): Promise<void>
  resolveThrough(sequence: number): void
  rejectAll(error: Error): void
  /** Resolves at the next of the two above, or on abort. At most one per follower. */
  news(signal: AbortSignal | undefined): Promise<void>
}

interface Waiter {
  readonly promise: Promise<void>
  resolve(): void
  reject(error: Error): void
}

export function createSyncWaiters(): SyncWaiters {
  const bySequence = new Map<number, Waiter>()
  const listeners = new Set<() => void>()

  function tellAll() {
    for (const tell of [...listeners]) tell()
  }

  return {
    when(sequence) {
      const known = bySequence.get(sequence)
      if (known !== undefined) return known.promise
      let resolve = () => {}
      let reject = (_: Error) => {}
      const promise = new Promise<void>((onDone, onError) => {
        resolve = onDone
        reject = onError
      })
      bySequence.set(sequence, { promise, resolve, reject })
      return promise
    },
    resolveThrough(through) {
      for (const [sequence, waiter] of bySequence) {
        if (sequence > through) continue
        bySequence.delete(sequence)
        waiter.resolve()
      }
      tellAll()
    },
    rejectAll(error) {
      for (const waiter of bySequence.values()) waiter.reject(error)
      bySequence.clear()
      tellAll()
    },
    news(signal) {
      return new Promise(resolve => {
        const done = () => {
          listeners.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        listeners.add(done)
        signal?.addEventListener('abort', done)
      })
    },
  }
}
