import { kafkaSettings, readKafkaSettings, readSettings, settingsText } from '@outrider/service'
import { composeRegion } from './compose-region.js'
import { readCredentials } from './credentials.js'
import { regionSettings } from './settings.js'

if (process.argv.includes('--settings')) {
  process.stdout.write(settingsText(regionSettings, kafkaSettings))
  process.exit(0)
}
const read = readSettings(regionSettings, process.env)
const kafka = readKafkaSettings(process.env)
const problems = [...(read.ok ? [] : read.problems), ...(kafka.ok ? [] : kafka.problems)].map(({ text }) => text)
if (!read.ok || !kafka.ok) refuse(problems)
const credentials = await readCredentials(read.value)
if (!credentials.ok) refuse(credentials.problems)

const region = composeRegion({
  settings: read.value,
  kafka: kafka.value,
  tls: credentials.tls,
  onReady: ports => process.stdout.write(`${JSON.stringify({ ready: 'region', name: read.value.name, ...ports })}\n`),
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, async () => process.exit((await region.stop()) ? 0 : 1))
try {
  await region.start()
} catch (error) {
  process.stderr.write(`region: ${(error as Error).message}\n`)
  process.exit(1)
}

function refuse(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`region: ${line}\n`)
  process.exit(2)
}
