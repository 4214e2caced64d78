import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tailOf } from './log-tail.js'

const folder = mkdtempSync(path.join(tmpdir(), 'outrider-log-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['', []],
  ['one\ntwo\n', ['one', 'two']],
  [
    `${Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')}\n`,
    Array.from({ length: 10 }, (_, index) => `line ${index + 20}`),
  ],
  [`${'x'.repeat(9_000)}\nlast`, ['last']],
])('the last lines are whole ones', (text, lines) => {
  const file = path.join(folder, 'a.log')
  writeFileSync(file, text)
  expect(tailOf(file)).toEqual(lines)
})
