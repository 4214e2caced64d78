import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from './printable.js'

test.each([
  ['Straße gesperrt: Ölspur', 'Straße gesperrt: Ölspur'],
  ['evil\u001b[31m\0', 'evil\\u{1b}[31m\\u{0}'],
  ['a\r\nissued by operator', 'a\\u{d}\\u{a}issued by operator'],
  ['\u009b2J\u202e', '\\u{9b}2J\\u{202e}'],
])('%j is shown as %s', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('no text moves a cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(printable(text)).not.toMatch(/\p{Cc}/u)
    }),
  )
})
