// What is wrong with flags and files is named before anything is run. The runs themselves: test/evaluate.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CommanderError } from 'commander'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CliError } from '../cli-error.js'
import { createProgram } from '../program.js'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-cli-evaluate-'))
  const files = {
    'trace.csv': 't_s,vehicle_id,lat,lon\n0,a,53,9\n1,a,53,9\n',
    'letter.txt': 'Dear Sir',
    'truth.csv': 'cause,lat\n',
    'name.json': '{"detection": {"standingMs": 3}}',
    'key.json': '{"zones": {}}',
    'range.json': '{"zone": {"outboxMax": 1000}}',
    'text.json': '{"detection": {"joinM": "far"}}',
    'run.json': '{"alerts": [{}]}',
    'cut.json': '{"alerts": [',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Names of files of the folder become their paths. */
async function run(...args: string[]) {
  let output = ''
  const collect = (text: string | Uint8Array): boolean => {
    output += String(text)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(collect),
    vi.spyOn(process.stderr, 'write').mockImplementation(collect),
  ]
  try {
    await createProgram().parseAsync(['node', 'outrider', ...args.map(arg => (/\.\w+$/.test(arg) ? path.join(folder, arg) : arg))])
    return { exitCode: 0, output }
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: 2, output }
    if (error instanceof CliError) return { exitCode: error.exitCode, output: error.message }
    throw error
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

test.each<[words: string, args: string[]]>([
  ['nowhere.csv does not exist', ['nowhere.csv']],
  ['is a folder', ['.']],
  ['no known format', ['letter.txt']],
  ["the truth's header lacks sub_cause", ['trace.csv', '--truth', 'truth.csv']],
  ['standingMs is no setting of detection', ['trace.csv', '--config', 'name.json']],
  ['"zones"', ['trace.csv', '--config', 'key.json']],
  ['outboxMax is 1000; must be a number from 1 to 64', ['trace.csv', '--config', 'range.json']],
  ['detection.joinM', ['trace.csv', '--config', 'text.json']],
  ['is no JSON', ['trace.csv', '--config', 'cut.json']],
  ['is not what evaluate --json prints: alerts.0.id', ['trace.csv', '--compare', 'run.json']],
  ['It must be a number, 0 to 1', ['trace.csv', '--equipped', '2']],
  ['It must be a number, 0 to 1', ['trace.csv', '--equipped', '']],
  ['It must be a whole number', ['trace.csv', '--seed', '1e-3']],
  ['It must be LAT,LON', ['trace.csv', '--origin', '100,9']],
  ['It must be LAT,LON', ['trace.csv', '--origin', '50']],
  ['nowhere.csv does not exist', ['trace.csv', '--learn', 'nowhere.csv']],
  ['can be read once only', ['-', '--learn', '-']],
  ['--map is not there yet', ['trace.csv', '--map', 'trace.csv']],
  ['can be read once only', ['-', '--compare']],
])('%s: exit code 2', async (words, args) => {
  const { exitCode, output } = await run('evaluate', ...args)
  expect([exitCode, output]).toEqual([2, expect.stringContaining(words)])
})

test('a deliveries file that cannot be written: exit code 1', async () => {
  expect(await run('evaluate', 'trace.csv', '--deliveries', 'no/such/folder.ndjson')).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('cannot write'),
  })
})

test('a vehicle that stands and says nothing is nothing', async () => {
  expect(await run('evaluate', 'trace.csv')).toMatchObject({ exitCode: 0, output: expect.stringContaining('no alerts') })
})
