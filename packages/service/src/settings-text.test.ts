import { expect, test } from 'vitest'
import { z } from 'zod'
import { settingsText } from './settings-text.js'

test('each setting is shown with its default, what is allowed and why, within 80 columns', () => {
  const text = settingsText(
    {
      port: { variable: 'PORT', type: z.coerce.number().default(7445), allowed: 'a port', why: 'Where it listens. '.repeat(10).trim() },
      insecure: { variable: 'INSECURE', type: z.literal('1').optional().transform(Boolean), allowed: '1', why: 'No keys.' },
    },
    {
      name: { variable: 'NAME', type: z.string(), allowed: 'a name', why: 'Who it is.' },
      none: { variable: 'NONE', type: z.string().optional(), allowed: 'anything', why: 'Nothing.' },
    },
  )
  expect(text.match(/^ {2}\S.*$/gm)).toEqual(['  PORT (7445)', '  INSECURE (0)', '  NAME (needed)', '  NONE (unset)'])
  expect(text).toContain('\n      a name. Who it is.\n')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(78)
})
