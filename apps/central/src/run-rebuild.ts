import { createLog, type KafkaSettings } from '@outrider/service'
import { openPlaces } from './compose-central.js'
import { rebuild } from './rebuild.js'
import type { CentralSettings } from './settings.js'

/** `main.js --rebuild`: progress on a terminal, one JSON line at the end. Returns the exit code. */
export async function runRebuild(settings: CentralSettings, kafka: KafkaSettings): Promise<number> {
  const log = createLog({ app: 'central', instance: settings.name, level: settings.logLevel === 'info' ? 'warn' : settings.logLevel })
  const { store, eventLog } = openPlaces(settings, kafka, log)
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
    process.stdout.write(`${JSON.stringify({ rebuilt })}\n`)
    return rebuilt.left === 0 ? 0 : 1
  } finally {
    await eventLog.stop()
    await store.stop()
  }
}
