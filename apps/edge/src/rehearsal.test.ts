import { expect, test } from 'vitest'
import { rehearse } from './rehearsal.js'

test('the rehearsal warns everybody it is meant to, or says so', () => {
  expect(rehearse).not.toThrow()
})
