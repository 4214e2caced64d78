// docs/sdk.md promises what the code does. Its ten lines run at a real node in test/sdk.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { languages } from './alert-text.js'
import { sdkErrorCodes } from './sdk-error.js'
import { sdkName, sdkVersion } from './sdk-version.js'

const folder = path.resolve(import.meta.dirname, '..')
const text = readFileSync(path.resolve(folder, '../../docs/sdk.md'), 'utf8')

test('the documented codes are the table', () => {
  const codes = [...text.matchAll(/^\| `(\w+)` /gm)].map(match => match[1])
  expect(codes).toEqual(Object.keys(sdkErrorCodes))
})

test('the documented languages are those with tables', () => {
  for (const language of languages) expect(text).toContain(`\`${language}\``)
})

test('the hello names this package', () => {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { name: string; version: string }
  expect([sdkName, sdkVersion]).toEqual([name, version])
})
