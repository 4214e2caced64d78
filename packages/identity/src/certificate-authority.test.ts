import { spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { type CertificateAndKey, createAuthorityCertificate, createCertificateAuthority } from './certificate-authority.js'
import { type PeerRole, peerRoles, readPeerIdentity } from './peer-identity.js'

const yearMs = 365 * 86_400_000
const twoYearsAgo = () => Date.now() - 2 * yearMs

const ca = createAuthorityCertificate('city', Date.now())
const authority = createCertificateAuthority({ authority: 'city', ...ca, nowMs: Date.now })
const node = authority.issue({ role: 'node', name: 'zone-a' })
const region = authority.issue({ role: 'region', name: 'main' })
const partner = authority.issue({ role: 'partner', name: 'acme' })
const farRegion = authority.issue({ role: 'region', name: 'main', hosts: ['region.city.example', '192.0.2.1'] })

const otherCa = createAuthorityCertificate('city', Date.now())
const stranger = createCertificateAuthority({ authority: 'city', ...otherCa, nowMs: Date.now }).issue({ role: 'node', name: 'zone-a' })
const expired = createCertificateAuthority({ authority: 'city', ...ca, nowMs: twoYearsAgo }).issue({ role: 'node', name: 'zone-a' })
const future = createCertificateAuthority({ authority: 'city', ...ca, nowMs: () => Date.now() + 600_000 }).issue({
  role: 'node',
  name: 'zone-a',
})
/** TLS here trusts this one too, so that only the identity tells it apart. */
const townCa = createAuthorityCertificate('town', Date.now())
const town = createCertificateAuthority({ authority: 'town', ...townCa, nowMs: Date.now }).issue({ role: 'node', name: 'zone-a' })
const trusted = [ca.certificatePem, townCa.certificatePem]

/** One connection over TLS with a client certificate demanded: whom each end took the other for. */
async function meet(server: CertificateAndKey, client: CertificateAndKey | undefined) {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.keyPem,
    ca: trusted,
    requestCert: true,
    rejectUnauthorized: true,
  })
  const atServer = new Promise<string>(resolve => {
    listener.on('secureConnection', socket => {
      resolve(peerOf(socket))
      socket.end()
    })
    listener.on('tlsClientError', () => resolve('refused'))
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const own = client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }
  const socket = connect({ host: '127.0.0.1', port, ca: trusted, ...own })
  let atClient = 'refused'
  const closed = new Promise<void>(resolve => {
    socket.on('secureConnect', () => {
      atClient = peerOf(socket)
    })
    // With TLS 1.3 the client is through before the server has looked at its certificate, so an error may come after.
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
  socket.resume()
  const result = { atServer: await atServer, atClient: await closed.then(() => atClient) }
  await new Promise(resolve => listener.close(resolve))
  return result
}

function peerOf(socket: TLSSocket): string {
  const result = readPeerIdentity(socket.getPeerCertificate(), 'city')
  return result.ok ? `${result.peer.role} ${result.peer.name}` : result.reason
}

const good = { atServer: 'node zone-a', atClient: 'region main' }

test.each([
  ['a node calls a region', region, node, good],
  ['a region calls a node', node, region, { atServer: 'region main', atClient: 'node zone-a' }],
  ['a partner calls a region', region, partner, { atServer: 'partner acme', atClient: 'region main' }],
  ['the client is of another authority that TLS trusts', region, town, { atServer: 'wrong_authority', atClient: 'region main' }],
  ['the client is of another authority', region, stranger, { atServer: 'refused' }],
  ['the client has expired', region, expired, { atServer: 'refused' }],
  ['the client is not yet valid', region, future, { atServer: 'refused' }],
  ['the client has no certificate', region, undefined, { atServer: 'refused' }],
  ['the server is of another authority', stranger, region, { atServer: 'refused', atClient: 'refused' }],
  ['the server has expired', expired, region, { atServer: 'refused', atClient: 'refused' }],
  ['the server answers under a name it does not have', farRegion, node, { atClient: 'refused' }],
  ['the server has a certificate for clients only', partner, node, { atServer: 'refused', atClient: 'refused' }],
] as const)('TLS: %s', async (_, server, client, expected) => {
  expect(await meet(server, client)).toMatchObject(expected)
})

test.each(peerRoles)('a certificate for a %s says what it should', role => {
  const issued = authority.issue({ role, name: 'a1', hosts: ['edge.city.example', '*.city.example', '192.0.2.7', '2001:db8::1'] })
  const certificate = new X509Certificate(issued.certificatePem)
  const issuer = new X509Certificate(ca.certificatePem)
  expect(certificate.verify(issuer.publicKey)).toBe(true)
  expect(certificate.checkIssued(issuer)).toBe(true)
  expect(certificate.checkPrivateKey(createPrivateKey(issued.keyPem))).toBe(true)
  expect([certificate.ca, issuer.ca]).toEqual([false, true])
  const servesNothing = role === 'operator' || role === 'partner'
  const hosts = ['DNS:edge.city.example', 'DNS:*.city.example', 'IP Address:192.0.2.7', 'IP Address:2001:DB8:0:0:0:0:0:1']
  expect(certificate.subjectAltName?.split(', ')).toEqual([`URI:spiffe://city/${role}/a1`, ...(servesNothing ? [] : hosts)])
  const [serverAuth, clientAuth] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']
  expect(certificate.keyUsage).toEqual(servesNothing ? [clientAuth] : [serverAuth, clientAuth])
  expect(readPeerIdentity(certificate, 'city')).toEqual({ ok: true, peer: { authority: 'city', role, name: 'a1' } })
})

test('serial numbers differ and are positive; validity is whole seconds with room for clocks that are behind', () => {
  const many = Array.from({ length: 50 }, () => new X509Certificate(authority.issue({ role: 'node', name: 'a' }).certificatePem))
  expect(new Set(many.map(certificate => certificate.serialNumber)).size).toBe(50)
  expect(many.every(certificate => /^[4-7][0-9A-F]{31}$/.test(certificate.serialNumber))).toBe(true)
  const now = Date.UTC(2049, 11, 31, 23, 59, 59, 999)
  const late = createCertificateAuthority({ authority: 'city', ...createAuthorityCertificate('city', now), nowMs: () => now })
  const certificate = new X509Certificate(late.issue({ role: 'node', name: 'a', lifetimeMs: 2 * 86_400_000 }).certificatePem)
  expect([certificate.validFrom, certificate.validTo].map(text => new Date(text).toISOString())).toEqual([
    '2049-12-31T23:54:59.000Z',
    '2050-01-02T23:59:59.000Z',
  ])
})

test('no certificate outlives its authority, and an expired authority issues none', () => {
  const now = Date.now()
  const certificate = new X509Certificate(authority.issue({ role: 'node', name: 'a', lifetimeMs: 20 * yearMs }).certificatePem)
  expect(certificate.validTo).toBe(new X509Certificate(ca.certificatePem).validTo)
  const late = createCertificateAuthority({ authority: 'city', ...ca, nowMs: () => now + 10 * yearMs })
  expect(() => late.issue({ role: 'node', name: 'a' })).toThrow('the authority has expired')
})

test.each([
  ['role', { role: 'king' }],
  ['name', { name: '../x' }],
  ['name', { name: 'A' }],
  ['name', { name: '' }],
  ['host', { hosts: ['edge.example:443'] }],
  ['host', { hosts: ['-x.example'] }],
  ['host', { hosts: ['a b'] }],
  ['hosts', { hosts: Array.from({ length: 33 }, () => 'a') }],
  ['lifetime', { lifetimeMs: 0 }],
])('a request with a bad %s is refused by name: %j', (what, wrong) => {
  const request = { role: 'node' as PeerRole, name: 'a', ...wrong }
  expect(() => authority.issue(request as Parameters<typeof authority.issue>[0])).toThrow(what)
})

test('an authority whose files do not belong together, or are none, is refused', () => {
  const open = (certificatePem: string, keyPem: string) => () =>
    createCertificateAuthority({ authority: 'city', certificatePem, keyPem, nowMs: Date.now })
  expect(open(ca.certificatePem, otherCa.keyPem)).toThrow('is not the key of ca.pem')
  expect(open(ca.certificatePem, 'x')).toThrow('in PEM')
  expect(open('x', ca.keyPem)).toThrow('in PEM')
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) process.stderr.write('SKIPPED: no openssl on this machine, its opinion of the certificates is not asked\n')

test.skipIf(!hasOpenssl)('openssl, at its strictest, agrees for both uses and refuses what it should', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'outrider-certificates-'))
  try {
    const file = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text)
      return path.join(folder, name)
    }
    const caFile = file('ca.pem', ca.certificatePem)
    const verify = (issued: CertificateAndKey, purpose: string) => {
      const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', caFile, file('leaf.pem', issued.certificatePem)]
      return spawnSync('openssl', args, { encoding: 'utf8' }).status
    }
    expect([node, region].flatMap(issued => [verify(issued, 'sslserver'), verify(issued, 'sslclient')])).toEqual([0, 0, 0, 0])
    expect([verify(partner, 'sslclient'), verify(partner, 'sslserver')]).toEqual([0, 2])
    expect([verify(stranger, 'sslclient'), verify(expired, 'sslclient'), verify(future, 'sslclient')]).toEqual([2, 2, 2])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
