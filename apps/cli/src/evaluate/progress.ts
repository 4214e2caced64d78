/** How far and how fast a replay is, on standard error: a line that rewrites itself on a terminal, and one at the end. */
export interface Progress {
  /** A sample at this time of the trace was taken. */
  sample(atS: number): void
  done(): void
}

const showEveryMs = 500
/** A clock read per sample would be a tenth of its cost. */
const samplesPerLook = 4_096

export function createProgress(): Progress {
  const { stderr } = process
  const beganAtMs = performance.now()
  let shownAtMs = beganAtMs
  let samples = 0
  let firstS = Number.NaN
  let lastS = Number.NaN
  const text = (): string => {
    const tookS = (performance.now() - beganAtMs) / 1_000
    const traceS = Number.isNaN(firstS) ? 0 : lastS - firstS
    const rate = tookS > 0 ? `, ${Math.round(samples / tookS)} samples/s, ${Math.round(traceS / tookS)} x real time` : ''
    return `${samples} samples, ${traceS.toFixed(1)} s of the trace in ${tookS.toFixed(1)} s${rate}`
  }
  return {
    sample(atS) {
      if (samples === 0) firstS = atS
      lastS = atS
      if (++samples % samplesPerLook !== 0 || !stderr.isTTY) return
      const nowMs = performance.now()
      if (nowMs - shownAtMs < showEveryMs) return
      shownAtMs = nowMs
      stderr.write(`\r\x1b[K${text()}`)
    },
    done() {
      stderr.write(`${stderr.isTTY ? '\r\x1b[K' : ''}${text()}\n`)
    },
  }
}
