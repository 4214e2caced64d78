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
  for (const word of [
    'up',
    'edge',
    'region',
    'central',
    'alert',
    'simulate',
    'replay',
    'drive',
    'keys',
    'spool',
    'topics',
    'bench',
    'Exit codes',
  ])
    expect(stdout).toContain(word)
})

test('an unknown command or flag is named and ends with 2', () => {
  for (const args of [['fly'], ['--fast'], ['bench', 'flight'], ['bench', 'ingest', '--rounds', 'many']]) {
    const { status, stdout, stderr } = outrider(...args)
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' })
    expect(stderr).toContain(args.at(-1))
  }
})

test('a node’s help has its flags and every setting with its default', () => {
  for (const [node, setting] of [
    ['edge', 'OUTRIDER_EDGE_PORT (7445)'],
    ['region', 'OUTRIDER_REGION_PORT (7443)'],
    ['central', 'OUTRIDER_CENTRAL_PORT (7447)'],
  ] as const) {
    const { status, stdout } = outrider(node, '--help')
    expect({ node, status }).toEqual({ node, status: 0 })
    for (const words of [`Usage: outrider ${node}`, '--port <port>', setting, 'OUTRIDER_LOG_LEVEL (info)']) expect(stdout).toContain(words)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  }
})

test('a node does not start without keys unless told to, and a flag is the variable it stands for', () => {
  for (const node of ['edge', 'region']) {
    const { status, stderr } = outrider(node, '--port', '0')
    expect({ node, status }).toEqual({ node, status: 2 })
    expect(stderr).toContain('OUTRIDER_INSECURE=1')
  }
  expect(outrider('central', '--port', 'none').stderr).toContain('OUTRIDER_CENTRAL_PORT is "none"; must be')
})
