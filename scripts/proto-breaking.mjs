// Refuses changes of the wire that deployed vehicles and nodes would misread: buf's breaking-change rules, against the last tag before this
// commit, else main; on main itself, without a tag, against the commit before.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const base = findBase()
if (base === undefined) {
  process.stdout.write('proto-breaking: no tag, no main and no commit before this one here; nothing to compare with\n')
} else if (!['proto', 'buf.yaml'].every(name => git('cat-file', '-e', `${base.commit}:${name}`) !== undefined)) {
  process.stdout.write(`proto-breaking: ${base.name} has no proto/ yet; nothing to compare with\n`)
} else {
  compare(base)
}

/** What to compare with: its name for people and its commit; undefined if there is nothing. */
function findBase() {
  const head = git('rev-parse', '--verify', '--quiet', 'HEAD')
  if (head === undefined) return undefined
  const tag = git('describe', '--tags', '--abbrev=0', 'HEAD^')
  const names = [...(tag === undefined ? [] : [tag]), 'main', 'origin/main', 'HEAD^']
  return names
    .map(name => ({ name, commit: git('rev-parse', '--verify', '--quiet', `${name}^{commit}`) ?? head }))
    .find(({ commit }) => commit !== head)
}

/** @param {{name: string, commit: string}} base */
function compare({ name, commit }) {
  const archive = spawnSync('git', ['archive', '--format=tar', commit, 'proto', 'buf.yaml'], { cwd: root, maxBuffer: 2 ** 26 })
  if (archive.status !== 0) fail(`git archive ${name}: ${archive.stderr}`)
  const buf = path.join(root, 'node_modules/@bufbuild/buf/bin/buf')
  const result = spawnSync(process.execPath, [buf, 'breaking', '--against', '-#format=tar'], { cwd: root, input: archive.stdout })
  process.stdout.write(result.stdout)
  process.stderr.write(result.stderr)
  if (result.status === 0) process.stdout.write(`proto-breaking: nothing breaks what ${name} speaks\n`)
  else fail(`the lines above break what ${name} speaks: keep the numbers and types of fields, add new ones instead`)
}

/**
 * First line of what git says; undefined if it fails.
 * @param {string[]} args
 */
function git(...args) {
  const result = spawnSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return result.status === 0 ? result.stdout.split('\n')[0] : undefined
}

/** @param {string} text what is wrong and what to do */
function fail(text) {
  process.stderr.write(`proto-breaking: ${text}\n`)
  process.exitCode = 1
}
