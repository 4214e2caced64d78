import { expect, test } from 'vitest'
import { checkToken, refreshTimeMs } from './token-source.js'

const nowMs = 1_767_225_600_000
const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const livesFor = (seconds: number) => refreshTimeMs(jwt({ exp: nowMs / 1_000 + seconds, sub: 'ÿ?>' }), nowMs) - nowMs

test.each([
  [3_600, 3_240_000],
  [86_400, 85_800_000],
  [120, 90_000],
  [20, 5_000],
  [-5, 5_000],
])('a token that lives %i s is renewed after %i ms', (seconds, afterMs) => expect(livesFor(seconds)).toBe(afterMs))

test.each([jwt({}), jwt({ exp: 'soon' }), jwt(null), 'nonsense', 'a.%.c'])('a token that does not say when it ends is kept: %s', token =>
  expect(refreshTimeMs(token, nowMs)).toBe(Number.POSITIVE_INFINITY),
)

test.each(['', 'two words', 'a\r\nx: y', 'ü', undefined, 7])('%j is no token, and is not repeated', token => {
  const error = (() => {
    try {
      return checkToken(token)
    } catch (caught) {
      return caught
    }
  })()
  expect(error).toMatchObject({ code: 'token_unavailable' })
  if (token) expect((error as Error).message).not.toContain(String(token))
})
