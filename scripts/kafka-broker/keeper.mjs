// Holds the broker's Java process so that it cannot outlive us: `node keeper.mjs FOLDER_TO_REMOVE JAVA ARGUMENT…`.
// Its standard input is a pipe from whoever started the broker; the system closes it however that process ends, kill -9 included,
// and then the broker is killed and the folder removed (an empty name removes nothing). A line "start" starts the broker, again after
// each death; it answers "pid N" and "exit CODE". Broker output goes to standard error.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import readline from 'node:readline'

const [folderToRemove, java, ...javaArguments] = process.argv.slice(2)
let broker

function start() {
  const started = spawn(java, javaArguments, { stdio: ['ignore', process.stderr, process.stderr] })
  broker = started
  started.on('spawn', () => process.stdout.write(`pid ${started.pid}\n`))
  started.on('error', error => process.stdout.write(`exit ${error.message}\n`))
  started.on('exit', (code, signal) => process.stdout.write(`exit ${signal ?? code}\n`))
}

function end() {
  const finish = () => {
    if (folderToRemove) rmSync(folderToRemove, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    process.exit(0)
  }
  if (!broker?.pid || broker.exitCode !== null || broker.signalCode !== null) return finish()
  broker.once('exit', finish)
  broker.kill('SIGKILL')
}

// The reader of our standard output may be gone; that is no reason to leave the broker behind.
process.stdout.on('error', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
readline
  .createInterface({ input: process.stdin })
  .on('line', line => line === 'start' && start())
  .on('close', end)
