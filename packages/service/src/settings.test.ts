import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { readSettings, type Settings } from './settings.js'

const settings: Settings<{ port: number; token: string | undefined }> = {
  port: {
    variable: 'X_PORT',
    type: z.coerce.number().int().min(1).max(65535).default(80),
    allowed: 'a port, 1 to 65535',
    why: 'a test',
  },
  token: { variable: 'X_TOKEN', type: z.string().min(4).optional(), allowed: 'at least 4 characters', why: 'a test', secret: true },
}

test('unset and empty variables take their defaults, and the result is frozen', () => {
  const result = readSettings(settings, { X_PORT: '' })
  expect(result).toEqual({ ok: true, value: { port: 80 } })
  expect(result.ok && Object.isFrozen(result.value)).toBe(true)
})

test('every wrong value is named with what is allowed, and a secret is never shown', () => {
  expect(readSettings(settings, { X_PORT: '70000', X_TOKEN: 'abc' })).toEqual({
    ok: false,
    problems: [
      { variable: 'X_PORT', text: 'X_PORT is "70000"; must be a port, 1 to 65535' },
      { variable: 'X_TOKEN', text: 'X_TOKEN is (secret); must be at least 4 characters' },
    ],
  })
})

test('whatever the environment holds, each variable is either read in range or named', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer().map(String)), text => {
      const result = readSettings(settings, { X_PORT: text })
      if (!result.ok) expect(result.problems[0]?.text).toContain('X_PORT')
      else expect(text === '' ? 80 : Number(text)).toBe(result.value.port)
    }),
  )
})
