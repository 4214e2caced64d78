// @ts-check
// `npm test`, `npm run test:scale` and `npm start`: the right Node, set-up, then the job.
import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { isSupported, onUnsupported } from './node-version.mjs'
import { root, setUp } from './setup.mjs'

/** What each npm script runs with Node once set-up is done. */
const jobs = new Map([
  ['start', ['apps/cli/bin/outrider.js', 'up']],
  ['test', ['node_modules/vitest/vitest.mjs', 'run']],
  // One after the other: each is measured.
  ['test:scale', ['node_modules/vitest/vitest.mjs', 'run', 'test/scale', '--no-file-parallelism']],
])
const report = path.join(root, 'reports', 'vitest.json')

const [name = '', ...args] = process.argv.slice(2)
const job = jobs.get(name)
if (job === undefined) end(2, `scripts/run.mjs takes ${[...jobs.keys()].join(' or ')}, not ${JSON.stringify(name)}`)

if (isSupported(process.versions.node)) {
  setUp()
  exec(process.execPath, [...job, ...args])
} else {
  const { platform, arch, versions } = process
  const advice = onUnsupported({ version: versions.node, platform, arch, glibc: glibcVersion() })
  if ('tell' in advice) end(1, advice.tell)
  process.stderr.write(`outrider: ${advice.why}; going on with ${advice.rerunOn}\n`)
  exec('npm', ['exec', '--yes', `--package=${advice.rerunOn}`, '--', 'node', path.join(root, 'scripts', 'run.mjs'), name, ...args])
}

/** @returns {string | undefined} version of the C library if it is glibc */
function glibcVersion() {
  const report = /** @type {{header: {glibcVersionRuntime?: string}}} */ (process.report.getReport())
  return report.header.glibcVersionRuntime
}

/**
 * Runs a command in the foreground and ends with its exit code, after it. A signal that comes to this process alone is passed on. Ctrl-C reaches
 * the whole group by the terminal, and npm passes it on to this process once more: `up` takes what comes at once for one, the test runner would
 * not, so that to it nothing is added.
 * @param {string} command
 * @param {string[]} commandArgs
 */
function exec(command, commandArgs) {
  const extent = name === 'test:scale' ? { OUTRIDER_SCALE: 'full' } : {}
  const env = { ...process.env, ...extent, TURBO_TELEMETRY_DISABLED: '1' }
  const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit', env })
  /** @param {NodeJS.Signals} signal */
  const pass = signal => void child.kill(signal)
  process.on('SIGTERM', pass).on('SIGHUP', pass)
  process.on('SIGINT', name === 'start' ? pass : () => undefined)
  child.on('error', error => end(1, `${command}: ${error.message}`))
  child.on('close', code => process.exit(name === 'test:scale' && command === process.execPath ? countTests(code ?? 1) : (code ?? 1)))
}

/**
 * The last line, "N passed, N failed".
 * @param {number} exitCode of the tests
 */
function countTests(exitCode) {
  const counted = spawnSync(process.execPath, [path.join(root, 'scripts', 'count-tests.mjs'), report, String(exitCode)], {
    stdio: 'inherit',
  })
  return counted.status ?? 1
}

/**
 * @param {number} exitCode
 * @param {string} text
 * @returns {never}
 */
function end(exitCode, text) {
  process.stderr.write(`outrider: ${text}\n`)
  process.exit(exitCode)
}
