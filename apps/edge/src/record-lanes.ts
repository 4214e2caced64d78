// The node's two logs on disk. Warning does not depend on recording (design, invariant 8): a disk that is broken at the start or breaks later
// takes away acknowledgements and readiness, and nothing else.
import path from 'node:path'
import { type LaneName, lanes as laneNumbers } from '@outrider/protocol'
import type { HealthState } from '@outrider/service'
import { createSpool, type Files, type Spool, type SpoolClock, SpoolError, type SpoolErrorCode, type SpoolEvent } from '@outrider/spool'

export interface RecordLanesOptions {
  readonly dataFolder: string
  readonly files: Files
  readonly clock: SpoolClock
  readonly randomUint32: () => number
  /** Of each lane. */
  readonly capBytes: number
  readonly onEvent: (lane: LaneName, event: SpoolEvent) => void
  /** A lane that could not be opened; the node goes on without it. */
  readonly onBroken: (lane: LaneName, cause: SpoolError) => void
}

export interface RecordLanes {
  readonly spools: Readonly<Record<LaneName, Spool>>
  /** @throws SpoolError only for what is wrong with the set-up: another process has the folder, or a newer version wrote it */
  start(): Promise<void>
  stop(): Promise<void>
  /** Random number of the log, drawn when it was made; undefined if the lane is not open. */
  epochOf(lane: LaneName): number | undefined
  health(): HealthState
}

/**
 * What the region has is kept so long on the urgent lane: a process that starts after a crash reads there what the one before left open. Longer
 * than any delivery of an alert stays open by itself (an alert is renewed, which targets anew, every few minutes at most) or its vehicle is remembered.
 * At 1,000 records/s of some 150 bytes 90 MB.
 */
const drainedMs = 600_000

const broken: readonly SpoolErrorCode[] = ['disk_failed', 'disk_full', 'damaged_beyond_reading', 'folder_foreign']
const names = Object.keys(laneNumbers) as LaneName[]

export function createRecordLanes({ dataFolder, onEvent, onBroken, capBytes, ...shared }: RecordLanesOptions): RecordLanes {
  const spoolOf = (lane: LaneName) =>
    createSpool({
      ...shared,
      folder: path.join(dataFolder, lane),
      limits: { capBytes },
      retain: lane === 'urgent' ? { drainedMs } : 'until-drained',
      onEvent: event => onEvent(lane, event),
    })
  const spools = { urgent: spoolOf('urgent'), telemetry: spoolOf('telemetry') }
  const problems: Partial<Record<LaneName, string>> = {}
  const epochs: Partial<Record<LaneName, number>> = {}

  async function startOne(lane: LaneName): Promise<void> {
    try {
      epochs[lane] = (await spools[lane].start()).epoch
    } catch (cause) {
      if (!(cause instanceof SpoolError) || !broken.includes(cause.code)) throw cause
      problems[lane] = cause.code
      onBroken(lane, cause)
    }
  }

  return {
    spools,
    async start() {
      for (const lane of names) await startOne(lane)
    },
    async stop() {
      await Promise.all(names.map(lane => spools[lane].stop()))
    },
    epochOf: lane => epochs[lane],
    health() {
      const found = names.flatMap(lane => {
        const why = problems[lane] ?? spools[lane].refusing
        return why === undefined ? [] : [`${lane}: ${why}`]
      })
      const held = names.map(lane => `${lane} ${spools[lane].heldBytes} bytes`).join(', ')
      return { ok: found.length === 0, detail: found.join(', ') || `${held} held` }
    },
  }
}
