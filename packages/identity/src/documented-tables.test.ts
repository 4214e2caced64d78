// docs/identity.md promises what the code does: each of its tables of names is compared with the table in the code.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { identityErrorCodes } from './identity-error.js'
import { keyFolderFiles } from './key-folder-files.js'
import { peerRefusals, peerRoles } from './peer-identity.js'
import { tokenRefusals } from './token-refusal.js'
import { vehicleRoles } from './vehicle-token.js'

const text = readFileSync(path.resolve(import.meta.dirname, '../../../docs/identity.md'), 'utf8')

/** First column, without code marks, of the table whose header row begins with a word. */
function firstColumn(header: string): string[] {
  const lines = text.split('\n')
  const start = lines.findIndex(line => line.split('|')[1]?.trim() === header)
  if (start < 0) throw new Error(`docs/identity.md has no table headed ${header}`)
  const rows = lines.slice(start + 2)
  return rows
    .slice(
      0,
      rows.findIndex(line => !line.startsWith('|')),
    )
    .map(line => (line.split('|')[1] ?? '').replaceAll('`', '').trim())
}

test.each([
  ['reason', Object.keys(tokenRefusals)],
  ['refusal', Object.keys(peerRefusals)],
  ['role', [...peerRoles]],
  ['code', Object.keys(identityErrorCodes)],
])('the documented list of every %s is the code’s', (header, names) => {
  expect(firstColumn(header)).toEqual(names)
})

test('every vehicle role and every file of the key folder is documented', () => {
  const documented = new Set([...text.matchAll(/`([^`]+)`/g)].map(match => match[1]))
  const names = [...vehicleRoles, ...Object.values(keyFolderFiles).map(file => file.path)]
  expect(names.filter(name => !documented.has(name))).toEqual([])
})
