// `npm test` and `npm start`: the right Node, set-up, then the job.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { isSupported, onUnsupported } from './node-version.mjs'
import { root, setUp } from './setup.mjs'

const jobs = {
  start: args => [process.execPath, ['apps/cli/bin/outrider.js', 'up', ...args]],
  test: args => [process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args]],
}

const [job, ...args] = process.argv.slice(2)
if (!Object.hasOwn(jobs, job)) {
  process.stderr.write(`outrider: scripts/run.mjs takes ${Object.keys(jobs).join(' or ')}, not ${job}\n`)
  process.exit(2)
}

if (isSupported(process.versions.node)) {
  setUp()
  exec(...jobs[job](args))
} else {
  const { version, platform, arch } = process
  const advice = onUnsupported({ version: version.slice(1), platform, arch, glibc: process.report?.getReport().header.glibcVersionRuntime })
  if ('tell' in advice) {
    process.stderr.write(`outrider: ${advice.tell}\n`)
    process.exit(1)
  }
  process.stderr.write(`outrider: ${advice.why}; going on with ${advice.rerunOn}\n`)
  exec('npm', ['exec', '--yes', `--package=${advice.rerunOn}`, '--', 'node', path.join(root, 'scripts', 'run.mjs'), job, ...args])
}

/** Runs a command in the foreground and ends with its exit code. */
function exec(command, commandArgs) {
  const result = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } })
  if (result.error) process.stderr.write(`outrider: ${command}: ${result.error.message}\n`)
  process.exit(result.status ?? 1)
}
