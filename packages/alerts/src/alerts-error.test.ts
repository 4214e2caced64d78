import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { alertsErrorCodes } from './index.js'

test('docs/alerts.md lists the error codes, all of them and no other', () => {
  const text = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8')
  const listed = /^`AlertsError\.code`: (.+)$/m.exec(text)![1]!
  expect([...listed.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(match => match[1])).toEqual(Object.values(alertsErrorCodes))
})
