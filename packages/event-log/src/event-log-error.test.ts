import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EventLogError, type EventLogErrorCode, eventLogErrorCodes } from './event-log-error.js'

test('the documented codes are the table', () => {
  const documentation = readFileSync(new URL('../../../docs/event-log.md', import.meta.url), 'utf8')
  const rows = [...documentation.matchAll(/^\| `(\w+)` +\| (yes|no) +\|/gm)].map(([, code, retriable]) => [
    code,
    { retriable: retriable === 'yes' },
  ])
  expect(Object.fromEntries(rows)).toEqual(eventLogErrorCodes)
})

test('an error carries what its code says', () => {
  for (const [code, { retriable }] of Object.entries(eventLogErrorCodes)) {
    const cause = new Error('why')
    expect(new EventLogError(code as EventLogErrorCode, 'text', { cause })).toMatchObject({
      name: 'EventLogError',
      code,
      retriable,
      message: 'text',
      cause,
    })
  }
})
