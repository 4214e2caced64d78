import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createSpool, nodeClock, nodeFiles, type Spool } from '@outrider/spool'
import type { UplinkTime } from '@outrider/uplink'

/** A node's spool on a real disk. */
export interface NodeSpool {
  readonly log: Spool
  readonly epoch: number
  readonly time: UplinkTime
  /** @throws Error if it is refused */
  append(bytes: Uint8Array): number
  remove(): Promise<void>
}

export async function createNodeSpool(): Promise<NodeSpool> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'outrider-node-'))
  const log = createSpool({
    folder,
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    limits: { segmentBytes: 2 * 1024 * 1024, reserveBytes: 0 },
  })
  const { epoch } = await log.start()
  return {
    log,
    epoch,
    time: {
      wallMs: Date.now,
      rawWallMs: Date.now,
      monotonicMs: () => performance.now(),
      schedule: (delayMs, call) => nodeClock.schedule(delayMs, call),
    },
    append(bytes) {
      const sequence = log.append(bytes)
      if (typeof sequence !== 'number') throw new Error(`refused: ${sequence.refused}`)
      return sequence
    },
    async remove() {
      await log.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
