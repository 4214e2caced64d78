// How a run ends: by Ctrl-C, by the end of one of its processes, by its own; nothing is left running.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { appsOf, areGone, clearUp, makeFolder, shows, startUp } from './up-process.js'

vi.setConfig({ testTimeout: 300_000 })
afterEach(clearUp)

const few = ['--vehicles', '10']

test('Ctrl-C stops all processes in order, however often it arrives at once, and a second run meanwhile is refused', async () => {
  const folder = await makeFolder()
  const up = startUp(...few, '--data', folder)
  await shows(up, ' running, ')
  const apps = await appsOf(up)
  expect([...apps].map(([app, pids]) => [app, pids.length]).sort()).toEqual([
    ['central', 1],
    ['edge', 2],
    ['region', 1],
    ['simulator', 1],
  ])
  const second = startUp(...few, '--data', folder)
  expect(await second.ended).toBe(1)
  expect(second.err()).toContain(`runs already with data folder ${folder} (process ${up.pid})`)
  // As a terminal and npm do it: the same press twice.
  up.process.kill('SIGINT')
  up.process.kill('SIGINT')
  expect(await up.ended).toBe(0)
  await areGone([...apps.values()].flat())
})

test('a process that dies ends the run with its name and the end of its log', async () => {
  const up = startUp(...few, '--no-simulator', '--data', await makeFolder())
  await shows(up, ' running, ')
  const apps = await appsOf(up)
  process.kill(apps.get('region')![0]!, 'SIGKILL')
  expect(await up.ended).toBe(1)
  expect(up.err()).toContain('region-1 was ended by SIGKILL, so all was stopped. The end of')
  expect(up.err()).toContain('"app":"region"')
  await areGone([...apps.values()].flat())
})

test('when the command itself is killed its processes end too, and the next run takes the folder', async () => {
  const folder = await makeFolder()
  const first = startUp(...few, '--no-simulator', '--data', folder)
  await shows(first, ' running, ')
  const apps = await appsOf(first)
  first.process.kill('SIGKILL')
  await areGone([...apps.values()].flat())
  const next = startUp(...few, '--no-simulator', '--data', folder)
  await shows(next, ' running, ')
  next.process.kill('SIGTERM')
  expect(await next.ended).toBe(0)
})

test('a folder with something else in it is left alone', async () => {
  const folder = await makeFolder()
  await mkdir(path.join(folder, 'mine'))
  await writeFile(path.join(folder, 'mine', 'letter'), 'dear')
  for (const more of [[], ['--fresh']]) {
    const up = startUp('--data', folder, ...more)
    expect(await up.ended).toBe(2)
    expect(up.err()).toContain('holds something else')
  }
})

test.each([
  [['--json'], 'it goes with --for'],
  [['--for', '20'], '--for'],
  [['--vehicles', '0'], '--vehicles'],
  [['--hazard-every', 'often'], '--hazard-every'],
])('%j is a wrong flag', async (args, words) => {
  const up = startUp(...args, '--data', path.join(await makeFolder(), 'up'))
  expect(await up.ended).toBe(2)
  expect(up.err()).toContain(words)
})
