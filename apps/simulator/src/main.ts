import { IdentityError } from '@outrider/identity'
import { readSettings } from '@outrider/service'
import { composeSimulator } from './compose-simulator.js'
import { checkIdentity, simulatorSettings } from './settings.js'

const read = readSettings(simulatorSettings, process.env)
if (!read.ok) refuse(read.problems.map(({ text }) => text))
const problems = checkIdentity(read.value)
if (problems.length > 0) refuse(problems)

const stop = async () => process.exit((await simulator.stop()) ? 0 : 1)
const simulator = composeSimulator({
  settings: read.value,
  print: line => process.stdout.write(`${JSON.stringify(line)}\n`),
  onOver: stop,
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
try {
  await simulator.start()
} catch (error) {
  process.stderr.write(`simulator: ${(error as Error).message}\n`)
  process.exit(error instanceof IdentityError ? 2 : 1)
}

function refuse(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`simulator: ${line}\n`)
  process.exit(2)
}
