import * as files from 'node:fs/promises'
import { createLog, readSettings, settingsText } from '@outrider/service'
import { createZoneFile, whyNoUse } from '@outrider/zone-table'
import { checkKeys } from './check-keys.js'
import { composeEdge } from './compose-edge.js'
import { readCredentials } from './credentials.js'
import { edgeSettings } from './settings.js'

if (process.argv.includes('--settings')) {
  process.stdout.write(settingsText(edgeSettings))
  process.exit(0)
}
const read = readSettings(edgeSettings, process.env)
if (!read.ok) refuse(read.problems.map(({ text }) => text))
const settings = read.value
const problems = checkKeys(settings)
if (problems.length > 0) refuse(problems)
const credentials = await readCredentials(settings)
if (!credentials.ok) refuse(credentials.problems)

const log = createLog({ app: 'edge', instance: settings.name, level: settings.logLevel })
const zoneFile = createZoneFile({
  path: settings.zoneFile,
  cacheFolder: settings.dataFolder,
  files,
  check: zones => whyNoUse(zones, settings.name),
  onEvent: ({ event, ...fields }) => (event === 'zone_table_loaded' ? log.info : log.warn)(event, fields),
})
await zoneFile.load().catch(error => refuse([(error as Error).message]))

const edge = composeEdge({
  settings,
  log,
  tls: credentials.tls,
  zoneFile,
  onReady: ports => process.stdout.write(`${JSON.stringify({ ready: 'edge', name: settings.name, ...ports })}\n`),
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, async () => process.exit((await edge.stop()) ? 0 : 1))
await edge.start().catch(error => {
  process.stderr.write(`edge: ${(error as Error).message}\n`)
  process.exit(1)
})

function refuse(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`edge: ${line}\n`)
  process.exit(2)
}
