// Set-up of a fresh clone, step by step and only where needed: install what the lock file says, then generate and build.
// Plain JavaScript without dependencies, because it runs before there are any.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const installStamp = path.join(root, 'node_modules', '.outrider-install')
const buildStamp = path.join(root, 'node_modules', '.outrider-build')

/** Installs, generates and builds as needed; every step that does something says so on standard error. */
export function setUp() {
  const lockHash = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  if (!existsSync(installStamp) || readFileSync(installStamp, 'utf8') !== lockHash) {
    step('Installing packages as package-lock.json pins them (npm install --no-save)')
    run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
    writeFileSync(installStamp, lockHash)
  }
  if (isBuildStale()) {
    step('Generating code and building (turbo run build)')
    const startedAt = new Date()
    run(path.join(root, 'node_modules', '.bin', 'turbo'), ['run', 'build', '--output-logs=errors-only'], { TURBO_TELEMETRY_DISABLED: '1' })
    mkdirSync(path.dirname(buildStamp), { recursive: true })
    writeFileSync(buildStamp, startedAt.toISOString())
  }
}

/** True if a source is newer than the last build that succeeded, or an output of it is gone. */
function isBuildStale() {
  if (!existsSync(buildStamp)) return true
  const builtAtMs = Date.parse(readFileSync(buildStamp, 'utf8'))
  for (const parent of ['packages', 'apps']) {
    for (const name of readdirSync(path.join(root, parent))) {
      const folder = path.join(root, parent, name)
      if (existsSync(path.join(folder, 'tsconfig.json')) && !existsSync(path.join(folder, 'dist'))) return true
      if (existsSync(path.join(folder, 'scripts/generate.mjs')) && !existsSync(path.join(folder, 'gen'))) return true
      for (const input of ['src', 'scripts', 'package.json', 'tsconfig.json'])
        if (newestMs(path.join(folder, input)) >= builtAtMs) return true
    }
  }
  return ['proto', 'tsconfig.base.json'].some(input => newestMs(path.join(root, input)) >= builtAtMs)
}

/** @param {string} file a file or folder, which may be absent @returns {number} ms since 1970 of its latest change, folders included */
function newestMs(file) {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  let newest = stat.mtimeMs
  if (stat.isDirectory()) for (const name of readdirSync(file)) newest = Math.max(newest, newestMs(path.join(file, name)))
  return newest
}

/** @param {string} text what is about to be done */
function step(text) {
  process.stderr.write(`outrider: ${text}\n`)
}

/**
 * Runs a step with its output on standard error, so that standard output stays the command's own; stops the process if it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to the environment
 */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  if (result.status === 0) return
  const how = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`
  process.stderr.write(`outrider: set-up stopped: ${command} ${args.join(' ')}: ${how}\n`)
  process.exit(1)
}
