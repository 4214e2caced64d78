import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeCertificate } from './certificate-der.js'
import { type PeerRefusal, peerRefusals, peerRoles, readPeerIdentity, spiffeIdOf } from './peer-identity.js'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function certificate(uri: string, hosts: string[] = []): X509Certificate {
  const name = { unit: 'node', name: 'x' }
  const keys = { subjectKey: publicKey, issuerKey: publicKey, signingKey: privateKey }
  const use = { kind: 'leaf', uri, hosts, purposes: ['1.3.6.1.5.5.7.3.2'] } as const
  return new X509Certificate(encodeCertificate({ subject: name, issuer: name, ...keys, notBeforeMs: 0, notAfterMs: 1e12, use }))
}

/** The same certificate with its DNS name made a second URI: context tags 2 and 6 differ in one byte (RFC 5280 §4.2.1.6). */
function withSecondUri(): { raw: Uint8Array } {
  const raw = Buffer.from(certificate('spiffe://city/node/a', ['spiffe.example']).raw)
  raw[raw.indexOf('spiffe.example') - 2] = 0x86
  return { raw }
}

function withoutNames(): X509Certificate {
  const name = { unit: 'authority', name: 'x' }
  const keys = { subjectKey: publicKey, issuerKey: publicKey, signingKey: privateKey }
  return new X509Certificate(
    encodeCertificate({ subject: name, issuer: name, ...keys, notBeforeMs: 0, notAfterMs: 1e12, use: { kind: 'authority' } }),
  )
}

const refused: Record<PeerRefusal, readonly (readonly [what: string, certificate: { raw?: Uint8Array } | undefined])[]> = {
  no_certificate: [
    ['undefined', undefined],
    ['what Node gives when there is none', {}],
  ],
  unreadable: [
    ['no DER', { raw: Uint8Array.of(1, 2, 3) }],
    ['empty', { raw: new Uint8Array() }],
  ],
  no_spiffe_id: [
    ['an authority', withoutNames()],
    ['a web address', certificate('https://city/node/a')],
    ['upper case', certificate('SPIFFE://city/node/a')],
    ['an id in a DNS name', certificate('https://x', ['spiffe://city/node/a'])],
  ],
  several_ids: [['two URIs', withSecondUri()]],
  wrong_authority: [
    ['another one', certificate('spiffe://town/node/a')],
    ['none', certificate('spiffe:///node/a')],
    ['one that begins alike', certificate('spiffe://city.example/node/a')],
    ['a port', certificate('spiffe://city:1/node/a')],
  ],
  unknown_role: [
    ['another one', certificate('spiffe://city/king/a')],
    ['none', certificate('spiffe://city//a')],
    ['a member of every object', certificate('spiffe://city/constructor/a')],
  ],
  bad_id: [
    ['no path', certificate('spiffe://city')],
    ['no name', certificate('spiffe://city/node')],
    ['an empty name', certificate('spiffe://city/node/')],
    ['more path', certificate('spiffe://city/node/a/b')],
    ['a query', certificate('spiffe://city/node/a?b')],
    ['a comma', certificate('spiffe://city/node/a, URI:spiffe://city/operator/b')],
  ],
}

const rows = Object.entries(refused).flatMap(([reason, list]) => list.map(([what, from]) => ({ reason, what, from })))

test.each(rows)('$reason: $what', ({ reason, from }) => {
  expect(readPeerIdentity(from, 'city')).toEqual({ ok: false, reason, message: peerRefusals[reason as PeerRefusal] })
})

test('every identity that can be issued is read back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...peerRoles), fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/), (role, name) => {
      const peer = { authority: 'city', role, name }
      expect(readPeerIdentity(certificate(spiffeIdOf(peer)), 'city')).toEqual({ ok: true, peer })
    }),
    { numRuns: 50 },
  )
})

test('no bytes make it throw, and a changed certificate never gives an identity that its text does not hold', () => {
  const { raw } = certificate('spiffe://city/node/a')
  fc.assert(
    fc.property(fc.nat(raw.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Buffer.from(raw)
      changed[at] = byte
      const result = readPeerIdentity({ raw: changed }, 'city')
      if (result.ok) expect(changed.includes(spiffeIdOf(result.peer))).toBe(true)
      else expect(Object.keys(peerRefusals)).toContain(result.reason)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(readPeerIdentity({ raw: bytes }, 'city').ok).toBe(false)
    }),
  )
})
