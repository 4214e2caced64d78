// The checks of the wire must fail when they should: each test plants a change in a copy of the protos with a history of its own.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const repository = path.resolve(import.meta.dirname, '..')
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-proto-'))
  mkdirSync(path.join(folder, 'scripts'))
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'))
  cpSync(path.join(repository, 'scripts/proto-breaking.mjs'), path.join(folder, 'scripts/proto-breaking.mjs'))
  git('init', '--quiet', '--initial-branch=main')
  commit('before the wire')
  cpSync(path.join(repository, 'proto'), path.join(folder, 'proto'), { recursive: true })
  cpSync(path.join(repository, 'buf.yaml'), path.join(folder, 'buf.yaml'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, ...args: string[]) {
  const result = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
  return { status: result.status, output: result.stdout + result.stderr }
}

function git(...args: string[]) {
  const result = run('git', '-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false', ...args)
  expect(result).toMatchObject({ status: 0 })
}

function commit(message: string) {
  writeFileSync(path.join(folder, 'log'), message)
  git('add', 'log', ...(message === 'before the wire' ? [] : ['proto', 'buf.yaml']))
  git('commit', '--quiet', '--message', message)
}

function change(file: string, from: string, to: string) {
  const target = path.join(folder, 'proto/outrider/v1', file)
  const text = readFileSync(target, 'utf8')
  expect(text).toContain(from)
  writeFileSync(target, text.replace(from, to))
}

const breaking = () => run(process.execPath, 'scripts/proto-breaking.mjs')
const lint = () => run(process.execPath, path.join(repository, 'node_modules/@bufbuild/buf/bin/buf'), 'lint')
const renumber = () => change('report.proto', 'uint32 number = 1;', 'uint32 number = 7;')

describe('the breaking-change check', () => {
  test('says so in one line when the base has no protos', () => {
    git('checkout', '--quiet', '-b', 'wire')
    commit('the wire')
    expect(breaking()).toEqual({ status: 0, output: 'proto-breaking: main has no proto/ yet; nothing to compare with\n' })
  })

  test('on a branch compares with main, and lets new fields pass', () => {
    commit('the wire')
    git('checkout', '--quiet', '-b', 'work')
    commit('some work')
    change('report.proto', 'uint32 number = 1;', 'uint32 number = 1;\n  // New, 0..1.\n  uint32 added = 99;')
    expect(breaking()).toEqual({ status: 0, output: 'proto-breaking: nothing breaks what main speaks\n' })
    renumber()
    expect(breaking()).toMatchObject({ status: 1, output: expect.stringContaining('report.proto') })
  })

  test('on main compares with the commit before', () => {
    commit('the wire')
    renumber()
    commit('renumbered')
    expect(breaking()).toMatchObject({ status: 1, output: expect.stringContaining('break what HEAD^ speaks') })
  })

  test('compares with the last tag, however long ago', () => {
    commit('the wire')
    git('tag', 'v1.0.0')
    renumber()
    commit('renumbered')
    commit('something else')
    expect(breaking()).toMatchObject({ status: 1, output: expect.stringContaining('break what v1.0.0 speaks') })
  })
})

describe('buf lint', () => {
  test('passes the protos as they are', () => {
    expect(lint()).toEqual({ status: 0, output: '' })
  })

  test('refuses a field without a comment and a name out of style', () => {
    change('frame.proto', '  // Report interval in ms, 100..5000.\n  uint32 interval_ms = 1;', '  uint32 intervalMs = 1;')
    const { status, output } = lint()
    expect(status).not.toBe(0)
    expect(output).toContain('should be lower_snake_case')
    expect(output).toContain('comment')
  })
})
