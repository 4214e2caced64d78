// The broker's jars, from Maven Central, once per version. Concurrent runs may all download; the first rename wins and the others use it.
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = path.dirname(fileURLToPath(import.meta.url))
const cache = path.join(here, '..', '..', 'node_modules', '.cache', 'kafka-broker')

/** The release that every test run uses; KAFKA_VERSION asks for another (3.9.2 is tried too). */
export const kafkaVersion = process.env.KAFKA_VERSION || '4.4.0'

/** @param {'java' | 'keytool'} name @returns {string} the program of JAVA_HOME, else of the PATH */
export function javaTool(name) {
  return process.env.JAVA_HOME ? path.join(process.env.JAVA_HOME, 'bin', name) : name
}

/**
 * What this machine lacks to run a broker, as words for a person; undefined if nothing.
 * @param {string} [version]
 * @returns {string | undefined}
 */
export function missingForBroker(version = kafkaVersion) {
  const java = firstLine(javaTool('java'), ['-version'])
  const major = Number(/version "(\d+)/.exec(java ?? '')?.[1])
  if (!(major >= 17)) return `Java 17 or newer (found: ${java ?? 'none'})`
  if (!existsSync(libs(version)) && firstLine('mvn', ['-version']) === undefined)
    return 'Maven (mvn), to fetch the broker’s jars from Maven Central'
  return undefined
}

/**
 * Makes sure the jars of a version are there.
 * @param {string} version
 * @param {(text: string) => void} log
 * @returns {Promise<string>} the folder they are in
 */
export async function brokerJars(version, log) {
  const folder = libs(version)
  if (existsSync(folder)) return folder
  log(`Fetching the jars of Kafka ${version} from Maven Central`)
  mkdirSync(cache, { recursive: true })
  const partial = `${folder}.partial-${randomBytes(6).toString('hex')}`
  const line = version.startsWith('3.') ? 'kafka-3' : 'kafka-4'
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]
  try {
    await promisify(execFile)('mvn', ['-B', '-q', '-f', path.join(here, 'pom.xml'), '-P', line, `-Dkafka.version=${version}`, ...goal])
    renameSync(partial, folder)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(folder)) throw new Error(`no jars of Kafka ${version}: ${error.stdout || error.message}`.trim(), { cause: error })
  }
  return folder
}

/** @param {string} version */
function libs(version) {
  return path.join(cache, version)
}

/** @param {string} command @param {string[]} args @returns {string | undefined} undefined if it does not run */
function firstLine(command, args) {
  try {
    return execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1', command, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n')[0]
  } catch {
    return undefined
  }
}
