import { readFileSync } from 'node:fs'
import { readSettings } from '@outrider/service'
import { describe, expect, it } from 'vitest'
import { replaySettings } from './replay-settings.js'
import { checkIdentity, simulatorSettings } from './settings.js'

const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8')

describe.each([
  ['simulator', simulatorSettings],
  ['replay', replaySettings],
])('settings of the %s', (_, settings) => {
  it.each(Object.values(settings))('$variable stands in docs/simulator.md as it is', ({ variable, allowed, why }) => {
    const row = page.split('\n').find(line => line.startsWith(`| \`${variable}\``))
    expect(row).toContain(allowed)
    expect(row).toContain(why)
  })
})

it.each([
  ['OUTRIDER_SIMULATOR_URL', 'http://127.0.0.1'],
  ['OUTRIDER_SIMULATOR_VEHICLES', '0'],
  ['OUTRIDER_SIMULATOR_VEHICLES', '1.5'],
  ['OUTRIDER_SIMULATOR_SEED', '-1'],
  ['OUTRIDER_SIMULATOR_DURATION_S', 'long'],
  ['OUTRIDER_SIMULATOR_LATITUDE', '81'],
  ['OUTRIDER_INSECURE', 'yes'],
])('%s=%s is refused by name', (variable, text) => {
  const read = readSettings(simulatorSettings, { [variable]: text })
  expect(read.ok ? [] : read.problems.map(problem => problem.variable)).toEqual([variable])
})

it.each([
  ['OUTRIDER_REPLAY_FILE', undefined],
  ['OUTRIDER_REPLAY_FROM_S', 'x'],
  ['OUTRIDER_REPLAY_ORIGIN', '86,0'],
  ['OUTRIDER_REPLAY_ORIGIN', '53.5'],
  ['OUTRIDER_REPLAY_EQUIPPED', '1.1'],
])('%s=%s is refused by name', (variable, text) => {
  const read = readSettings(replaySettings, { OUTRIDER_REPLAY_FILE: 'x', [variable]: text })
  expect(read.ok ? [] : read.problems.map(problem => problem.variable)).toEqual([variable])
})

it('keys, or the word that there are none, and not both', () => {
  const settings = (environment: Record<string, string>) => {
    const read = readSettings(simulatorSettings, environment)
    if (!read.ok) throw new Error('unexpected')
    return checkIdentity(read.value)
  }
  expect(settings({})).toHaveLength(2)
  expect(settings({ OUTRIDER_INSECURE: '1' })).toEqual([])
  expect(settings({ OUTRIDER_SIMULATOR_KEYS: 'keys' })).toEqual([])
  expect(settings({ OUTRIDER_SIMULATOR_KEYS: 'keys', OUTRIDER_INSECURE: '1' })).toHaveLength(1)
})
