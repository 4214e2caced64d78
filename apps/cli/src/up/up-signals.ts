// How a run is told to stop. Ctrl-C may come more than once for one press: the terminal tells the whole process group, and npm passes on to its
// child what it got itself; so what follows at once is the same one.

export interface UpSignals {
  /** Once: SIGINT, SIGTERM or SIGHUP. */
  onStop(stop: () => void): void
  /** Once: another one, by somebody who does not want to wait. */
  onKill(kill: () => void): void
  /** No more listening. */
  release(): void
}

const sameWithinMs = 500

export function listenForSignals(source: Pick<NodeJS.Process, 'on' | 'off'>, monotonicMs: () => number): UpSignals {
  let stop = () => {}
  let kill = () => {}
  let stoppedAtMs: number | undefined
  const onSignal = () => {
    if (stoppedAtMs === undefined) {
      stoppedAtMs = monotonicMs()
      stop()
    } else if (monotonicMs() - stoppedAtMs > sameWithinMs) kill()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) source.on(signal, onSignal)
  return {
    onStop(call) {
      stop = call
      if (stoppedAtMs !== undefined) call()
    },
    onKill(call) {
      kill = call
    },
    release() {
      for (const signal of signals) source.off(signal, onSignal)
    },
  }
}
