import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createSpool, nodeClock, nodeFiles } from '@outrider/spool'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CliError } from '../cli-error.js'
import { createProgram } from '../program.js'

let folder = ''

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-cli-spool-'))
  const spool = createSpool({ folder, files: nodeFiles, clock: nodeClock, randomUint32: () => 21 })
  await spool.start()
  for (const text of ['one', 'two', 'three']) spool.append(Buffer.from(text))
  await spool.whenSynced(3)
  await spool.stop()
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** What the command prints, and the exit code it ends with. */
async function run(...args: string[]) {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    output += String(text)
    return true
  })
  try {
    await createProgram().parseAsync(['node', 'outrider', 'spool', ...args])
    return { output, exitCode: 0, message: '' }
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return { output, exitCode: error.exitCode, message: error.message }
  }
}

function contents() {
  return readdirSync(folder).map(name => [name, readFileSync(path.join(folder, name)).toString('hex')])
}

test('a sound spool: shown, verified, and not changed', async () => {
  const before = contents()
  const inspected = await run('inspect', folder)
  expect(inspected).toMatchObject({ exitCode: 0, output: expect.stringMatching(/epoch 21\. 3 records in 1 segment/) })
  expect(inspected.output).toMatch(/0000000000000001\.segment +\d+ +1-3 +3/)
  expect(JSON.parse((await run('inspect', folder, '--json')).output)).toMatchObject({ epoch: 21, records: 3, cursor: 0, damage: [] })
  expect(await run('verify', folder)).toMatchObject({ exitCode: 0, output: expect.stringContaining('sound') })
  expect(contents()).toEqual(before)
})

test('a damaged one: exit code 1, and where', async () => {
  const file = path.join(folder, '0000000000000001.segment')
  const bytes = readFileSync(file)
  // The header of the segment takes 64 bytes, the first record 16 + 3.
  bytes[64 + 16 + 3 + 16]! ^= 1
  writeFileSync(file, bytes)
  const before = contents()
  expect(await run('verify', folder)).toMatchObject({
    exitCode: 1,
    output: '0000000000000001.segment at byte 83: 19 bytes, record_payload, record 2 lost\n',
    message: expect.stringContaining('1 damaged place'),
  })
  expect(contents()).toEqual(before)
})

test('a folder that is no spool: exit code 2, and what to do', async () => {
  const other = path.join(folder, 'other')
  expect(await run('verify', other)).toMatchObject({ exitCode: 2, message: expect.stringContaining('does not exist') })
  cpSync(import.meta.filename, path.join(other, 'letter.txt'))
  expect(await run('inspect', other)).toMatchObject({ exitCode: 2, message: expect.stringContaining('letter.txt') })
})
