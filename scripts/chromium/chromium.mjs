// @ts-check
// The Chromium that browser tests drive: the one of OUTRIDER_CHROMIUM, else of the PATH, else Debian's, installed if we may.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Names it has in Debian, in Ubuntu and as Google's own build. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
/** Others may be installing at the same time: how long to wait for apt's lock. */
const lockSeconds = 300

/**
 * @param {Readonly<Record<string, string | undefined>>} [env]
 * @returns {string | undefined} the program's path
 * @throws {Error} if OUTRIDER_CHROMIUM names none
 */
function findChromium(env = process.env) {
  const given = env.OUTRIDER_CHROMIUM
  if (given) {
    if (isProgram(given)) return path.resolve(given)
    throw new Error(`OUTRIDER_CHROMIUM is ${JSON.stringify(given)}; must be the path of a program`)
  }
  const folders = (env.PATH ?? '').split(path.delimiter).filter(folder => folder !== '')
  return folders.flatMap(folder => names.map(name => path.join(folder, name))).find(isProgram)
}

/**
 * Finds it, or installs Debian's package as root.
 * @param {(text: string) => void} log lines for a person
 * @returns {{readonly program: string} | {readonly missing: string}} what is missing, as words for a person
 */
export function ensureChromium(log) {
  const found = findChromium()
  if (found !== undefined) return { program: found }
  const advice = 'Chromium; install it (Debian: apt-get install chromium), or name it with OUTRIDER_CHROMIUM=/path'
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return { missing: advice }
  log('Installing Chromium (apt-get install chromium)')
  const failure = aptGet(['update']) ?? aptGet(['install', '--yes', '--no-install-recommends', 'chromium'])
  const installed = findChromium()
  return installed === undefined ? { missing: `${advice}. ${failure ?? 'The package brought no program'}` } : { program: installed }
}

/** @param {string[]} args @returns {string | undefined} what went wrong */
function aptGet(args) {
  const options = ['-qq', '-o', `DPkg::Lock::Timeout=${lockSeconds}`]
  const { status, error, stderr } = spawnSync('apt-get', [...options, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status === 0) return undefined
  return `apt-get ${args[0]} failed: ${error?.message ?? stderr.trim().split('\n').at(-1)}`
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    // Not there, or not ours to run: the next one is looked at.
    return false
  }
}
