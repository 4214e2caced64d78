import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { uplinkErrorCodes } from './uplink-error.js'

test('docs/uplink.md lists the error codes there are', () => {
  const page = readFileSync(new URL('../../../docs/uplink.md', import.meta.url), 'utf8')
  const listed = [...page.slice(page.indexOf('## Errors')).matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code)
  expect(listed.sort()).toEqual(Object.keys(uplinkErrorCodes).sort())
})
