import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areIndependent, linkOf, pseudonymOf, utcDay } from './link.js'
import { generateSigningKey, importSigningKey } from './signing-keys.js'
import { createTokenIssuer } from './token-issuer.js'
import { clockToleranceMaxMs, tokenLifetimeMaxMs } from './vehicle-token.js'

const dayMs = 86_400_000
const midnightMs = Date.UTC(2026, 5, 2)
const linkKey = new Uint8Array(32).fill(7)
const key = await generateSigningKey(0, 0)
const signingKey = await importSigningKey(key)

async function identityOf(enrolment: string, issuedAtMs: number, lifetimeMs: number) {
  const issuer = createTokenIssuer({ authority: 'a', keyId: key.keyId, signingKey, linkKey, nowMs: () => issuedAtMs })
  return (await issuer.issue({ enrolment, role: 'default', lifetimeMs })).identity
}

/** Half of the times lie within minutes of midnight, where it is decided which days a token has links for. */
const anyTimeMs = fc
  .oneof(fc.integer({ min: -2 * dayMs, max: 2 * dayMs }), fc.integer({ min: -15 * 60_000, max: 15 * 60_000 }))
  .map(offset => midnightMs + offset)
const anyLifetimeMs = fc.oneof(fc.integer({ min: 1000, max: tokenLifetimeMaxMs }), fc.constant(tokenLifetimeMaxMs))
const anyEnrolment = fc.string({ minLength: 1, maxLength: 40 })

test('two tokens of one enrolment are never independent, whenever they were issued', async () => {
  await fc.assert(
    fc.asyncProperty(anyEnrolment, anyTimeMs, anyTimeMs, anyLifetimeMs, anyLifetimeMs, async (enrolment, atA, atB, lifeA, lifeB) => {
      const [a, b] = [await identityOf(enrolment, atA, lifeA), await identityOf(enrolment, atB, lifeB)]
      expect(areIndependent(a, b)).toBe(false)
      expect(areIndependent(b, a)).toBe(false)
    }),
  )
})

test('two enrolments are independent whenever one verifier takes both tokens at one moment, with the widest tolerance too', async () => {
  let decided = 0
  await fc.assert(
    fc.asyncProperty(anyTimeMs, anyTimeMs, anyLifetimeMs, anyLifetimeMs, async (atA, atB, lifeA, lifeB) => {
      const [a, b] = [await identityOf('one', atA, lifeA), await identityOf('other', atB, lifeB)]
      expect(areIndependent(a, b)).toBe(areIndependent(b, a))
      const from = Math.max(a.validFromMs, b.validFromMs) - clockToleranceMaxMs
      const until = Math.min(a.expiresAtMs, b.expiresAtMs) + clockToleranceMaxMs
      if (from >= until) return
      decided += 1
      expect(areIndependent(a, b)).toBe(true)
    }),
    { numRuns: 400 },
  )
  expect(decided).toBeGreaterThan(100)
})

test('around midnight, every pair that the most lenient verifier takes at one moment is decided', async () => {
  const offsetsMs = Array.from({ length: 61 }, (_, index) => midnightMs + (index - 30) * 30_000)
  const ending = await Promise.all(offsetsMs.map(endMs => identityOf('one', endMs - 3_600_000, 3_600_000)))
  const beginning = await Promise.all(offsetsMs.map(startMs => identityOf('other', startMs, 3_600_000)))
  const taken = ending.flatMap(a =>
    beginning.filter(b => b.validFromMs - a.expiresAtMs < 2 * clockToleranceMaxMs).map(b => [a, b] as const),
  )
  expect(taken.length).toBeGreaterThan(1000)
  expect(taken.filter(([a, b]) => !areIndependent(a, b))).toEqual([])
})

test('a day in common with equal links decides, whatever other days say', () => {
  const a = { links: [{ day: 1, link: 'x' }, { day: 2, link: 'y' }] } // biome-ignore format: one row
  expect(areIndependent(a, { links: [{ day: 2, link: 'y' }] })).toBe(false)
  expect(areIndependent(a, { links: [{ day: 2, link: 'z' }] })).toBe(true)
  expect(areIndependent(a, { links: [{ day: 3, link: 'z' }] })).toBe(false)
})

test('links and pseudonyms differ by day, enrolment, key and from each other, and the pseudonym stays the same within a day', async () => {
  const day = utcDay(midnightMs)
  const otherKey = new Uint8Array(32).fill(8)
  const all = [
    linkOf(linkKey, 'e', day),
    linkOf(linkKey, 'e', day + 1),
    linkOf(linkKey, 'f', day),
    linkOf(otherKey, 'e', day),
    pseudonymOf(linkKey, 'e', day),
    pseudonymOf(linkKey, 'e', day + 1),
  ]
  expect(new Set(all.map(text => text.slice(0, 22))).size).toBe(all.length)
  const [morning, evening] = [await identityOf('e', midnightMs, 1000), await identityOf('e', midnightMs + dayMs - 1, 1000)]
  expect(morning.pseudonym).toBe(evening.pseudonym)
  expect((await identityOf('e', midnightMs + dayMs, 1000)).pseudonym).not.toBe(morning.pseudonym)
})

test('a link is the HMAC that the documentation says, so that another issuer can make the same', () => {
  // printf 'link\n20606\ncar-12' | openssl dgst -sha256 -mac hmac -macopt hexkey:0707…07 -binary | basenc --base64url
  expect(linkOf(linkKey, 'car-12', 20606)).toBe('g1zpYM4Ju8dGNH3DNQa86jS4jYuoHZ4lye4b91bECl0')
})
