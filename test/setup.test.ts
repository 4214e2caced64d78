// Set-up in a small workspace of its own: a real npm without dependencies, and a `turbo` that notes that it was called. The real
// thing is what runs before every test run; here it is when each step is taken.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const scripts = path.resolve(import.meta.dirname, '../scripts')
let root = ''

beforeEach(() => {
  // A space, as folders of people have them.
  root = path.join(mkdtempSync(path.join(tmpdir(), 'outrider-setup-')), 'my clone')
  cpSync(path.join(scripts, 'setup.mjs'), path.join(root, 'scripts/setup.mjs'))
  for (const folder of ['packages/one/src', 'apps', 'proto', 'node_modules/.bin']) mkdirSync(path.join(root, folder), { recursive: true })
  write('package.json', '{"name":"small","version":"1.0.0","workspaces":[]}')
  write('package-lock.json', '{"name":"small","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"small","version":"1.0.0"}}}')
  write('packages/one/package.json', '{"name":"one"}')
  write('packages/one/tsconfig.json', '{}')
  write('packages/one/src/index.ts', 'export const one = 1')
  write('tsconfig.base.json', '{}')
  write('turbo.sh', '#!/bin/sh\necho built >> built.log\nmkdir -p packages/one/dist\n[ ! -e broken ]\n')
  placeTurbo()
})
afterEach(() => rmSync(path.dirname(root), { recursive: true }))

function write(file: string, text: string) {
  writeFileSync(path.join(root, file), text)
}

/** npm removes what the lock file does not name, so the stand-in is put back after an install. */
function placeTurbo() {
  const turbo = path.join(root, 'node_modules/.bin/turbo')
  mkdirSync(path.dirname(turbo), { recursive: true })
  cpSync(path.join(root, 'turbo.sh'), turbo)
  chmodSync(turbo, 0o755)
}

/** What set-up said it did, and how it ended. */
function setUp() {
  placeTurbo()
  const code = `import { setUp } from ${JSON.stringify(path.join(root, 'scripts/setup.mjs'))}; setUp()`
  const { status, stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: tmpdir(), encoding: 'utf8' })
  expect(stdout).toBe('')
  return { status, installed: stderr.includes('Installing packages'), built: stderr.includes('building') }
}

function touch(file: string) {
  const later = new Date(Date.now() + 60_000)
  utimesSync(path.join(root, file), later, later)
}

test('each step is taken when needed, said on standard error, and not again', () => {
  const first = setUp()
  expect(first.installed).toBe(true)
  if (!existsSync(path.join(root, 'packages/one/dist'))) setUp()
  expect(setUp()).toEqual({ status: 0, installed: false, built: false })
  touch('packages/one/src/index.ts')
  expect(setUp()).toEqual({ status: 0, installed: false, built: true })
})

test('a build is taken up again when an output is gone, a proto changed, or the build before failed', () => {
  setUp()
  setUp()
  rmSync(path.join(root, 'packages/one/dist'), { recursive: true })
  expect(setUp()).toMatchObject({ status: 0, built: true })
  touch('proto')
  write('broken', '')
  expect(setUp()).toMatchObject({ status: 1, built: true })
  rmSync(path.join(root, 'broken'))
  expect(setUp()).toMatchObject({ status: 0, built: true })
  expect(readFileSync(path.join(root, 'built.log'), 'utf8').trim().split('\n').length).toBeGreaterThan(2)
})

test('a changed lock file is installed', () => {
  setUp()
  setUp()
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  write('package-lock.json', JSON.stringify({ ...lock, requires: true }))
  expect(setUp()).toMatchObject({ installed: true })
})
