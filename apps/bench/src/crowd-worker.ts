// A crowd in a process of its own, so that its work is not the server's, nor its open files.
import { type CrowdOptions, createCrowd } from './crowd.js'
import { sharedNowMs } from './pace.js'
import { serveCommands, workerOptions } from './worker.js'

const crowd = createCrowd(workerOptions<CrowdOptions>())

serveCommands({
  /** How many files this process may have open at once: a socket is one. */
  openFilesMax: () => {
    const { userLimits } = process.report.getReport() as unknown as { userLimits: { open_files: { soft: number | 'unlimited' } } }
    const { soft } = userLimits.open_files
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : soft
  },
  now: sharedNowMs,
  join: crowd.join,
  rejoin: crowd.rejoin,
  stall: crowd.stall,
  unstall: crowd.unstall,
  state: () => ({ connected: crowd.connected, closes: crowd.closes }),
  arrivals: ({ key, revision, sinceMs, from }: { key: string; revision: number; sinceMs: number; from: number }) =>
    crowd.arrivals(key, revision, sinceMs, from),
  stop: crowd.stop,
})
