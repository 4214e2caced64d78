import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const script = path.resolve(import.meta.dirname, '../scripts/count-tests.mjs')
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-count-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function count(report: object | string, exitCode: string) {
  const file = path.join(folder, 'report.json')
  writeFileSync(file, typeof report === 'string' ? report : JSON.stringify(report))
  const { stdout, status } = spawnSync(process.execPath, [script, file, exitCode], { encoding: 'utf8' })
  return { line: stdout.trim(), status }
}

const fine = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
const brokenFile = { status: 'failed', assertionResults: [] }
const fileWithFailure = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] }

test.each([
  ['all passed', fine, '0', '7 passed, 0 failed', 0],
  ['some were skipped', { ...fine, numPendingTests: 2 }, '0', '7 passed, 0 failed, 2 skipped', 0],
  ['a test failed', { ...fine, numFailedTests: 1, testResults: [fileWithFailure] }, '1', '7 passed, 1 failed', 1],
  ['a file broke before its tests', { ...fine, testResults: [brokenFile] }, '1', '7 passed, 1 failed', 1],
  ['an error that nobody handled', fine, '1', '7 passed, 1 failed', 1],
  ['nothing ran', { ...fine, numPassedTests: 0 }, '0', '0 passed, 0 failed', 1],
  ['the report is cut off', '{"numPassed', '0', '0 passed, 1 failed', 1],
])('%s', (_, report, exitCode, line, status) => {
  expect(count(report, exitCode)).toEqual({ line, status })
})

test('no report at all', () => {
  const { stdout, status } = spawnSync(process.execPath, [script, path.join(folder, 'absent.json'), '0'], { encoding: 'utf8' })
  expect({ line: stdout.trim(), status }).toEqual({ line: '0 passed, 1 failed', status: 1 })
})
