import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deliveryErrorCodes } from './index.js'

test('docs/delivery.md lists the error codes, all of them and no other', () => {
  const text = readFileSync(new URL('../../../docs/delivery.md', import.meta.url), 'utf8')
  const listed = /^`DeliveryError\.code`: (.+)$/m.exec(text)![1]!
  expect([...listed.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(match => match[1])).toEqual(Object.values(deliveryErrorCodes))
})
