/** An async iterable over what a core holds: each item goes to one consumer, in the order `take` gives; nothing is buffered here. */
export interface HandOver<Item> extends AsyncIterable<Item> {
  /** Something may be there to take. */
  wake(): void
  /** No more items: waiting and later calls end, or fail with the error. */
  end(error?: Error): void
}

interface Waiting<Item> {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void
  readonly reject: (error: Error) => void
}

/** Consumers that wait at once; more means that `next` is called without awaiting. */
const waitingMax = 1_024

export function createHandOver<Item>(take: () => Item | undefined): HandOver<Item> {
  const waiting: Waiting<Item>[] = []
  let ended: { readonly error: Error | undefined } | undefined

  function next(): Promise<IteratorResult<Item, undefined>> {
    if (ended !== undefined)
      return ended.error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(ended.error)
    const item = waiting.length === 0 ? take() : undefined
    if (item !== undefined) return Promise.resolve({ done: false, value: item })
    if (waiting.length >= waitingMax) return Promise.reject(new RangeError(`over ${waitingMax} calls of next() wait`))
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
  return {
    // A consumer that leaves its loop ends only its own iteration.
    [Symbol.asyncIterator]: () => ({ next, return: () => Promise.resolve({ done: true, value: undefined }) }),
    wake() {
      while (waiting.length > 0) {
        const item = take()
        if (item === undefined) return
        waiting.shift()!.resolve({ done: false, value: item })
      }
    },
    end(error) {
      ended ??= { error }
      for (const consumer of waiting.splice(0)) {
        if (error === undefined) consumer.resolve({ done: true, value: undefined })
        else consumer.reject(error)
      }
    },
  }
}
