import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { type CryptoKey, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { readPublicKeys } from './public-keys.js'
import { generateSigningKey, importSigningKey, publicKeySetText } from './signing-keys.js'
import { createTokenIssuer } from './token-issuer.js'
import { type TokenRefusal, tokenRefusals } from './token-refusal.js'
import { createTokenVerifier } from './token-verifier.js'
import { tokenCharactersMax, vehicleRoles } from './vehicle-token.js'

const nowMs = Date.UTC(2026, 5, 1, 12)
const nowS = nowMs / 1000
const key = await generateSigningKey(nowMs, nowMs)
const signingKey = await importSigningKey(key)
const read = await readPublicKeys(publicKeySetText([key]))
const publicKeys: ReadonlyMap<string, CryptoKey> = read.ok ? read.keys : new Map()
const linkKey = new Uint8Array(32).fill(7)
const keys = { find: async (keyId: string) => publicKeys.get(keyId) }
const verifier = createTokenVerifier({ keys, authority: 'city', nowMs: () => nowMs, toleranceMs: 5000 })
const issuer = createTokenIssuer({ authority: 'city', keyId: key.keyId, signingKey, linkKey, nowMs: () => nowMs })
const { token } = await issuer.issue({ enrolment: 'car-12', role: 'taxi', lifetimeMs: 3_600_000 })

const goodClaims = {
  iss: 'city',
  sub: 'p'.repeat(22),
  role: 'default',
  lnk: 'l'.repeat(43),
  iat: nowS,
  nbf: nowS,
  exp: nowS + 3600,
}
const goodHeader = { alg: 'EdDSA', kid: key.keyId }

/** Claims that are signed properly; `undefined` leaves one out. */
function signed(claims: Record<string, unknown>, header: { alg: string; kid?: string; crit?: string[] } = goodHeader): Promise<string> {
  return new SignJWT({ ...goodClaims, ...claims }).setProtectedHeader(header).sign(signingKey)
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('an honest token tells what its issuer said, and jose agrees', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...vehicleRoles),
      fc.integer({ min: 1000, max: 86_400_000 }),
      fc.integer({ min: 0, max: 86_399_999 }),
      fc.string({ minLength: 1, maxLength: 256 }),
      async (role, lifetimeMs, intoDayMs, enrolment) => {
        const at = Date.UTC(2026, 5, 1) + intoDayMs
        const clock = { nowMs: () => at }
        const issued = await createTokenIssuer({ authority: 'city', keyId: key.keyId, signingKey, linkKey, ...clock }).issue({
          enrolment,
          role,
          lifetimeMs,
        })
        const verified = await createTokenVerifier({ keys, authority: 'city', ...clock }).verify(issued.token)
        expect(verified).toEqual({ ok: true, identity: issued.identity })
        expect(issued.token.length).toBeLessThan(tokenCharactersMax / 2)
        const options = { issuer: 'city', algorithms: ['EdDSA'], currentDate: new Date(at), maxTokenAge: '24h' }
        const { payload } = await jwtVerify(issued.token, publicKeys.get(key.keyId)!, options)
        expect(payload.sub).toBe(issued.identity.pseudonym)
      },
    ),
  )
})

test('a token holds no enrolment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[A-HJ-NPR-Z0-9]{17}$/), async vin => {
      const issued = await issuer.issue({ enrolment: vin, role: 'default', lifetimeMs: 1000 })
      const text = issued.token.split('.').map(part => Buffer.from(part, 'base64url').toString('latin1'))
      expect([issued.token, JSON.stringify(issued.identity), ...text].some(part => part.includes(vin))).toBe(false)
    }),
  )
})

const rs256 = await generateKeyPair('RS256')
const stranger = await generateSigningKey(nowMs, nowMs)
const hs256Text = `${encode({ ...goodHeader, alg: 'HS256' })}.${encode(goodClaims)}`
const [headerPart, payloadPart, signaturePart] = token.split('.') as [string, string, string]
const exactlyADay = 24 * 3600

/** Every reason, with the tokens that have it. */
const refused: Record<TokenRefusal, readonly (readonly [what: string, token: string, claim?: string])[]> = {
  too_large: [['too long', await signed({ more: 'x'.repeat(tokenCharactersMax) })]],
  malformed: [
    ['empty', ''],
    ['no dots', 'abc'],
    ['two parts', `${headerPart}.${payloadPart}`],
    ['four parts', `${token}.a`],
    ['a space', ` ${token}`],
    ['header not JSON', `YWJj.${payloadPart}.${signaturePart}`],
    ['header not an object', `${encode(null)}.${payloadPart}.${signaturePart}`],
    ['critical extension', `${encode({ ...goodHeader, crit: ['b64'], b64: true })}.${payloadPart}.${signaturePart}`],
    ['payload not an object', await signPayload('[1]')],
    ['payload not JSON', await signPayload('x')],
    ['payload not UTF-8', await signPayload(Uint8Array.of(0x22, 0xff, 0x22))],
  ],
  wrong_algorithm: [
    ['none', `${encode({ alg: 'none' })}.${encode(goodClaims)}.`],
    ['none, with our key named', `${encode({ alg: 'none', kid: key.keyId })}.${encode(goodClaims)}.`],
    ['HS256 with the public key as secret', `${hs256Text}.${createHmac('sha256', key.publicX).update(hs256Text).digest('base64url')}`],
    ['RS256', await new SignJWT(goodClaims).setProtectedHeader({ alg: 'RS256', kid: key.keyId }).sign(rs256.privateKey)],
    ['no algorithm', `${encode({ kid: key.keyId })}.${payloadPart}.${signaturePart}`],
  ],
  unknown_key: [
    ['kid unknown', await signed({}, { alg: 'EdDSA', kid: 'nobody' })],
    ['kid absent', await signed({}, { alg: 'EdDSA' })],
    ['kid of an object’s own members', await signed({}, { alg: 'EdDSA', kid: '__proto__' })],
  ],
  tampered: [
    ['claims replaced', `${headerPart}.${encode({ ...goodClaims, role: 'emergency' })}.${signaturePart}`],
    ['signature gone', `${headerPart}.${payloadPart}.`],
    ['another key under our kid', await new SignJWT(goodClaims).setProtectedHeader(goodHeader).sign(await importSigningKey(stranger))],
  ],
  wrong_issuer: [
    ['another authority', await signed({ iss: 'town' })],
    ['a list that holds ours', await signed({ iss: ['city'] })],
  ],
  missing_claim: [
    ...(await Promise.all(
      Object.keys(goodClaims).map(async claim => [`no ${claim}`, await signed({ [claim]: undefined }), claim] as const),
    )),
    ['no link for the second day', await signed({ exp: nowS + 13 * 3600 }), 'lnn'],
  ],
  bad_claim: [
    ['a VIN as pseudonym', await signed({ sub: 'WVWZZZ1JZXW000001' }), 'sub'],
    ['an unknown role', await signed({ role: 'police' }), 'role'],
    ['a short link', await signed({ lnk: 'abc' }), 'lnk'],
    ['a link that is no text', await signed({ lnn: 5 }), 'lnn'],
    ['milliseconds', await signed({ iat: nowMs }), 'iat'],
    ['time as text', await signed({ nbf: String(nowS) }), 'nbf'],
    ['negative', await signed({ exp: -1 }), 'exp'],
    ['over before it began', await signed({ exp: nowS }), 'exp'],
    ['valid only after its end', await signed({ nbf: nowS + 3600 }), 'exp'],
  ],
  lifetime_too_long: [['a second more than a day', await signed({ exp: nowS + exactlyADay + 1, lnn: 'm'.repeat(43) })]],
  not_yet_valid: [
    ['nbf ahead of the tolerance', await signed({ nbf: nowS + 6 })],
    ['iat ahead of the tolerance', await signed({ iat: nowS + 6 })],
  ],
  expired: [['exp behind the tolerance', await signed({ iat: nowS - 3600, nbf: nowS - 3600, exp: nowS - 5 })]],
}

async function signPayload(payload: string | Uint8Array): Promise<string> {
  const text = `${encode(goodHeader)}.${Buffer.from(payload).toString('base64url')}`
  const signature = await crypto.subtle.sign('Ed25519', signingKey, Buffer.from(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

const rows = Object.entries(refused).flatMap(([reason, list]) => list.map(([what, text, claim]) => ({ reason, what, text, claim })))

test.each(rows)('$reason: $what', async ({ reason, text, claim }) => {
  const result = await verifier.verify(text)
  expect(result).toMatchObject(claim === undefined ? { ok: false, reason } : { ok: false, reason, claim })
  if (!result.ok) expect(result.message).toContain(tokenRefusals[result.reason])
})

test('just inside every limit is accepted', async () => {
  const inside = [
    await signed({ nbf: nowS + 5 }),
    await signed({ iat: nowS - 3600, nbf: nowS - 3600, exp: nowS - 4 }),
    await signed({ exp: nowS + exactlyADay, lnn: 'm'.repeat(43) }),
    await signed({ exp: nowS + 12 * 3600 }),
    await signed({ sub: 'p'.repeat(64), unknown: 'claims are ignored' }),
  ]
  expect((await Promise.all(inside.map(text => verifier.verify(text)))).map(result => result.ok)).toEqual(inside.map(() => true))
})

test('a token changed in any one byte is refused with a reason, and the message holds nothing of it', async () => {
  for (let at = 0; at < token.length; at++) {
    // Every bit of the character, and what base64 decoders treat as its equal or skip.
    const others = [...[1, 2, 4, 8, 16, 32].map(bit => String.fromCharCode(token.charCodeAt(at) ^ bit)), '', '=', '\n', '+', '/', ' ']
    for (const other of others) {
      const changed = token.slice(0, at) + other + token.slice(at + 1)
      if (changed === token) continue
      const result = await verifier.verify(changed)
      if (result.ok) throw new Error(`accepted with ${JSON.stringify(other)} at ${at}`)
      expect([headerPart, payloadPart, signaturePart].some(part => result.message.includes(part))).toBe(false)
    }
  }
})

test('whatever text comes, it is refused with a reason of the table and never thrown', async () => {
  const parts = fc.array(
    fc.oneof(
      fc.base64String(),
      fc.json().map(text => Buffer.from(text).toString('base64url')),
      fc.string(),
    ),
    {
      maxLength: 4,
    },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        parts.map(list => list.join('.')),
      ),
      async text => {
        const result = await verifier.verify(text)
        expect(result.ok).toBe(false)
        if (!result.ok) expect(Object.keys(tokenRefusals)).toContain(result.reason)
      },
    ),
    { numRuns: 500 },
  )
})

test('any signed claims are refused with a reason or accepted, never thrown', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom('iss', 'sub', 'role', 'lnk', 'lnn', 'iat', 'nbf', 'exp'), fc.jsonValue()),
      async claims => {
        const result = await verifier.verify(await signPayload(JSON.stringify({ ...goodClaims, ...claims })))
        if (!result.ok) expect(Object.keys(tokenRefusals)).toContain(result.reason)
      },
    ),
  )
})

test('options out of range are refused by name', () => {
  expect(() => createTokenVerifier({ keys, authority: 'city', nowMs: () => 0, toleranceMs: 300_001 })).toThrow('toleranceMs')
  expect(() => createTokenVerifier({ keys, authority: 'City', nowMs: () => 0 })).toThrow('authority')
})

test.each([
  ['an empty enrolment', { enrolment: '' }],
  ['a long enrolment', { enrolment: 'x'.repeat(257) }],
  ['an unknown role', { role: 'police' }],
  ['no lifetime', { lifetimeMs: 0 }],
  ['a lifetime over a day', { lifetimeMs: 86_400_001 }],
  ['a lifetime that is no number', { lifetimeMs: Number.NaN }],
])('the issuer refuses %s', async (_, wrong) => {
  const request = { enrolment: 'secret-enrolment', role: 'default', lifetimeMs: 1000, ...wrong }
  const error = await issuer.issue(request as Parameters<typeof issuer.issue>[0]).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'bad_request', retriable: false })
  expect(String(error)).not.toContain('secret-enrolment')
})
