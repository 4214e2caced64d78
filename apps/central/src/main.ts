import { kafkaSettings, readKafkaSettings, readSettings, settingsText } from '@outrider/service'
import { composeCentral } from './compose-central.js'
import { runRebuild } from './run-rebuild.js'
import { centralSettings } from './settings.js'

if (process.argv.includes('--settings')) {
  process.stdout.write(settingsText(centralSettings, kafkaSettings))
  process.exit(0)
}
const read = readSettings(centralSettings, process.env)
const kafka = readKafkaSettings(process.env)
const [option, ...more] = process.argv.slice(2)
const isRebuild = option === '--rebuild' && more.length === 0
const unknown =
  option !== undefined && !isRebuild ? [`${[option, ...more].join(' ')} is not known; there is --rebuild, all else is environment`] : []
const problems = [...unknown, ...[read, kafka].flatMap(each => (each.ok ? [] : each.problems.map(({ text }) => text)))]
if (!read.ok || !kafka.ok || unknown.length > 0) {
  for (const line of problems) process.stderr.write(`central: ${line}\n`)
  process.exit(2)
}

try {
  if (isRebuild) process.exit(await runRebuild(read.value, kafka.value))
  const central = composeCentral({
    settings: read.value,
    kafka: kafka.value,
    onReady: ports => process.stdout.write(`${JSON.stringify({ ready: 'central', name: read.value.name, ...ports })}\n`),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, async () => process.exit((await central.stop()) ? 0 : 1))
  await central.start()
} catch (error) {
  process.stderr.write(`central: ${(error as Error).message}\n`)
  process.exit(1)
}
