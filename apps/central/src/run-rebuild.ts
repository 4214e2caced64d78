import { createLog, type KafkaSettings } from '@outrider/service'
import { openPlaces } from './compose-central.js'
import { type Rebuilt, rebuild } from './rebuild.js'
import type { CentralSettings } from './settings.js'

/** `main.js --rebuild`: progress on a terminal, one JSON line at the end. Returns the exit code. */
export async function runRebuild(settings: CentralSettings, kafka: KafkaSettings): Promise<number> {
  const log = createLog({ app: 'central', instance: settings.name, level: settings.logLevel === 'info' ? 'warn' : settings.logLevel })
  const { store, eventLog } = openPlaces(settings, kafka, log, false)
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())
  const { stderr } = process
  try {
    const rebuilt = await rebuild({
      store,
      eventLog,
      authority: settings.authority,
      wallMs: Date.now,
      monotonicMs: () => performance.now(),
      onEvent: ({ event, ...fields }) => log.warn(event, fields),
      onProgress: (records, left) => void (stderr.isTTY && stderr.write(`\r\x1b[Krebuilding: ${records} records applied, ${left} to go`)),
      signal: interrupted.signal,
    })
    if (stderr.isTTY) stderr.write('\r\x1b[K')
    process.stdout.write(`${process.stdout.isTTY ? sentence(rebuilt) : JSON.stringify({ rebuilt })}\n`)
    return rebuilt.left === 0 ? 0 : 1
  } finally {
    await eventLog.stop()
    await store.stop()
  }
}

function sentence({ records, deadLetters, tookMs, left }: Rebuilt): string {
  const done = `${records} records applied, ${deadLetters} dead letters, in ${(tookMs / 1_000).toFixed(1)} s`
  return left === 0 ? `rebuilt: ${done}` : `interrupted: ${done}; ${left} are to go, central takes them when it runs`
}
