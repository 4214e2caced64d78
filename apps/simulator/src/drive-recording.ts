// A recording in real time: each sample is handed to its vehicle when it is due, and was measured just then. Vehicles connect when they come
// into the part that is read ahead, and leave when that part holds no more of them.
import type { Fleet } from './fleet.js'
import type { SamplesAhead } from './samples-ahead.js'

export interface RecordingDrive {
  /** Sets the clock going at the first sample. */
  start(): void
  stop(): void
  /** The recording's clock, s; undefined before the start. */
  readonly clockS: number | undefined
  /** The recording's time at a moment of the monotonic clock. */
  timeAtS(monotonicMs: number): number
  /** How late a sample was handed over at most, ms. */
  readonly lateMsMax: number
}

export interface RecordingDriveOptions {
  readonly ahead: SamplesAhead
  readonly fleet: Fleet
  /** The last sample was handed over a while ago. */
  readonly onOver: () => void
}

const turnMs = 5
/** Samples of one turn: those of one second come at once in most recordings, and vehicles do not report as one. */
const samplesPerTurn = 25
/** After its last sample a vehicle stays so long for what is still under way. */
const leaveAfterMs = 2_000
/** Leavers are looked for this often. */
const leaveCheckMs = 500

export function createRecordingDrive({ ahead, fleet, onOver }: RecordingDriveOptions): RecordingDrive {
  let beganAtMs = 0
  let beganS: number | undefined
  let lateMsMax = 0
  let timers: NodeJS.Timeout[] = []
  const lastSampleAtMs = new Map<string, number>()
  let lastAtMs = 0

  const timeAtS = (monotonicMs: number) => (beganS ?? 0) + (monotonicMs - beganAtMs) / 1_000

  function turn(): void {
    const nowMs = performance.now()
    for (let count = 0; count < samplesPerTurn; count++) {
      const sample = ahead.take(timeAtS(nowMs))
      if (sample === undefined) break
      const lateMs = nowMs - (beganAtMs + (sample.timeS - beganS!) * 1_000)
      lateMsMax = Math.max(lateMsMax, lateMs)
      fleet.report(sample, Date.now() - lateMs)
      lastSampleAtMs.set(sample.vehicleId, nowMs)
      lastAtMs = nowMs
    }
  }

  function seeOff(): void {
    const nowMs = performance.now()
    for (const [id, atMs] of lastSampleAtMs) {
      if (nowMs - atMs < leaveAfterMs || ahead.holds(id)) continue
      fleet.remove(id)
      lastSampleAtMs.delete(id)
    }
    if (ahead.isAtEnd && nowMs - lastAtMs >= leaveAfterMs) onOver()
  }

  return {
    start() {
      beganS = ahead.next?.timeS ?? 0
      beganAtMs = performance.now()
      lastAtMs = beganAtMs
      timers = [setInterval(turn, turnMs), setInterval(seeOff, leaveCheckMs)]
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
    },
    get clockS() {
      return beganS === undefined ? undefined : timeAtS(performance.now())
    },
    timeAtS,
    get lateMsMax() {
      return Math.round(lateMsMax)
    },
  }
}
