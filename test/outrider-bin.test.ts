// The committed bin as npm links it, run as a person would.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

const repository = path.resolve(import.meta.dirname, '..')

function outrider(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(path.join(repository, 'node_modules/.bin/outrider'), args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('help names every command and the exit codes', () => {
  const { status, stdout } = outrider('--help')
  expect(status).toBe(0)
  for (const word of ['up', 'bench', 'Exit codes']) expect(stdout).toContain(word)
})

test('an unknown command or flag is named and ends with 2', () => {
  for (const args of [['fly'], ['--fast'], ['bench', 'flight'], ['bench', 'ingest', '--rounds', 'many']]) {
    const { status, stdout, stderr } = outrider(...args)
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' })
    expect(stderr).toContain(args.at(-1))
  }
})

test('up says what is missing and ends with 1', () => {
  const { status, stderr } = outrider('up')
  expect(status).toBe(1)
  expect(stderr).toContain('nothing to run yet')
})
