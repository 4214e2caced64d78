/** A step of a start or stop list. */
export interface LifecycleStep {
  readonly name: string
  readonly run: () => void | Promise<void>
}

export type LifecycleEvent =
  | { readonly event: 'step_done'; readonly list: 'start' | 'stop'; readonly step: string; readonly tookMs: number }
  | { readonly event: 'step_failed'; readonly list: 'start' | 'stop'; readonly step: string; readonly cause: unknown }
  /** The deadline of the stop list came during this step. */
  | { readonly event: 'stop_overdue'; readonly step: string }

export interface LifecycleOptions {
  /** Run in order, each after the one before. */
  readonly start: readonly LifecycleStep[]
  /** Run in order, also after a start that failed: every step must be harmless if its part never started. */
  readonly stop: readonly LifecycleStep[]
  /** All of the stop list together, ms. */
  readonly stopWithinMs: number
  readonly onEvent: (event: LifecycleEvent) => void
}

export interface Lifecycle {
  /** Rejects with the first step's error, after the stop list was run. */
  start(): Promise<void>
  /** Resolves when the list is through or the deadline has come: true if all of it went well. Idempotent. */
  stop(): Promise<boolean>
}

/** A process's start list and stop list, both to be read in its composition root. */
export function createLifecycle({ start, stop, stopWithinMs, onEvent }: LifecycleOptions): Lifecycle {
  let stopping: Promise<boolean> | undefined

  async function runStart(): Promise<void> {
    for (const step of start) {
      if (stopping !== undefined) return
      try {
        await timed('start', step)
      } catch (cause) {
        onEvent({ event: 'step_failed', list: 'start', step: step.name, cause })
        await runStop()
        throw cause
      }
    }
  }

  async function timed(list: 'start' | 'stop', { name, run }: LifecycleStep): Promise<void> {
    const startedMs = performance.now()
    await run()
    onEvent({ event: 'step_done', list, step: name, tookMs: Math.round(performance.now() - startedMs) })
  }

  function runStop(): Promise<boolean> {
    stopping ??= withDeadline()
    return stopping
  }

  async function withDeadline(): Promise<boolean> {
    let current = ''
    let wentWell = true
    const all = async () => {
      for (const step of stop) {
        current = step.name
        try {
          await timed('stop', step)
        } catch (cause) {
          // The steps after it still have to be run: each frees something of its own.
          wentWell = false
          onEvent({ event: 'step_failed', list: 'stop', step: step.name, cause })
        }
      }
      return wentWell
    }
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<false>(resolve => {
      timer = setTimeout(() => {
        onEvent({ event: 'stop_overdue', step: current })
        resolve(false)
      }, stopWithinMs)
    })
    const result = await Promise.race([all(), deadline])
    clearTimeout(timer)
    return result
  }

  return { start: runStart, stop: runStop }
}
