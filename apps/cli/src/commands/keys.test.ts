import { execFile } from 'node:child_process'
import files, { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createKeyFile, createTokenVerifier } from '@outrider/identity'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

// Each test starts several processes; a busy machine may take seconds for them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const bin = path.resolve(import.meta.dirname, '../../bin/outrider.js')
let parent = ''
let dir = ''

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the real command. */
function outrider(...args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [bin, ...args], { env: { ...process.env, NO_COLOR: '1' } }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err })
    })
  })
}

beforeAll(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'outrider-keys-'))
  const made = await outrider('keys', 'init', path.join(parent, 'made'), '--authority', 'city.example', '--node', 'zone-a', 'zone-b')
  // Standard error is not looked at here: the first run says there if it builds.
  expect(made.code).toBe(0)
})

afterAll(() => rm(parent, { recursive: true }))

/** Each test has its own copy of what one init made. */
beforeEach(async () => {
  dir = path.join(await mkdtemp(path.join(parent, 'test-')), 'keys')
  await cp(path.join(parent, 'made'), dir, { recursive: true })
})

async function publicKeys() {
  return JSON.parse(await readFile(path.join(dir, 'jwks.json'), 'utf8'))
}

test('init makes what it says, tells public from secret, and never writes over anything', async () => {
  const certificates = ['central-main', 'node-zone-a', 'node-zone-b', 'operator-main', 'region-main'].flatMap(name => [
    `${name}.key`,
    `${name}.pem`,
  ])
  expect((await readdir(path.join(dir, 'certificates'))).sort()).toEqual(certificates)
  const before = await readFile(path.join(dir, 'ca.pem'), 'utf8')
  const again = await outrider('keys', 'init', dir)
  expect(again).toMatchObject({ code: 2, out: '' })
  expect(again.err).toContain('nothing in it was touched')
  expect(again.err).toContain('outrider keys rotate')
  expect(await readFile(path.join(dir, 'ca.pem'), 'utf8')).toBe(before)
  const other = await outrider('keys', 'init', path.join(parent, 'told'))
  expect(other.out).toMatch(/Public, hand out:[\s\S]*jwks\.json[\s\S]*Secret, must not leave this machine:[\s\S]*ca-key\.pem/)
  const file = path.join(parent, 'a-file')
  await writeFile(file, '')
  expect(await outrider('keys', 'init', file)).toMatchObject({ code: 2, err: expect.stringContaining('ENOTDIR') })
})

test('token prints a token and nothing else, which the verifier of a node takes', async () => {
  const { code, out, err } = await outrider('keys', 'token', dir, '--enrolment', 'WVWZZZ1JZXW000001', '--role', 'taxi', '--lifetime', '8h')
  expect([code, err, out.split('\n').length]).toEqual([0, '', 2])
  const keys = createKeyFile({ path: path.join(dir, 'jwks.json'), files, nowMs: Date.now, onEvent: () => undefined })
  await keys.start()
  const verified = await createTokenVerifier({ keys, authority: 'city.example', nowMs: Date.now }).verify(out.trim())
  await keys.stop()
  expect(verified).toMatchObject({ ok: true, identity: { role: 'taxi', authority: 'city.example' } })
  if (verified.ok) expect(verified.identity.expiresAtMs - verified.identity.issuedAtMs).toBe(8 * 3_600_000)

  const told = await outrider('keys', 'token', dir, '--enrolment', 'WVWZZZ1JZXW000001', '--json')
  const { token, ...facts } = JSON.parse(told.out)
  expect(facts).toMatchObject({ authority: 'city.example', role: 'default', keyId: (await publicKeys()).keys[0].kid })
  expect(token.split('.').length).toBe(3)
  expect(told.out).not.toContain('WVWZZZ1JZXW000001')
})

test('rotate publishes a key that signs when it is due; list shows both and until when', async () => {
  const [{ kid: first }] = (await publicKeys()).keys
  const waiting = JSON.parse((await outrider('keys', 'rotate', dir, '--activate-after', '1h', '--json')).out)
  expect((await publicKeys()).keys.map((key: { kid: string }) => key.kid)).toEqual([first, waiting.keyId])
  expect(JSON.parse((await outrider('keys', 'token', dir, '--enrolment', 'a', '--json')).out).keyId).toBe(first)
  const now = await outrider('keys', 'rotate', dir, '--activate-after', '0s')
  expect(now).toMatchObject({ code: 0, err: '', out: expect.stringContaining('jwks.json to every edge node') })
  expect([first, waiting.keyId]).not.toContain(JSON.parse((await outrider('keys', 'token', dir, '--enrolment', 'a', '--json')).out).keyId)
  const list = JSON.parse((await outrider('keys', 'list', dir, '--json')).out)
  expect(list.signingKeys.map((key: { state: string }) => key.state).sort()).toEqual(['retiring', 'signing', 'waiting'])
  expect(list.certificates.map((row: { id: string | null }) => row.id)).toContain('spiffe://city.example/node/zone-b')
  expect((await outrider('keys', 'list', dir)).out).toContain('certificates/region-main.pem')
})

test('certificate adds one, names its files, and replaces only when told to', async () => {
  const args = ['keys', 'certificate', dir, '--role', 'partner', '--name', 'acme']
  const made = await outrider(...args, '--valid', '30d')
  expect(made).toMatchObject({ code: 0, out: `${dir}/certificates/partner-acme.pem\n${dir}/certificates/partner-acme.key\n` })
  expect(await outrider(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--replace') })
  expect(await outrider(...args, '--replace')).toMatchObject({ code: 0 })
})

test('secret files that others can read are warned of, and the command goes on', async () => {
  await chmod(path.join(dir, 'issuer/link-key'), 0o644)
  const { code, out, err } = await outrider('keys', 'token', dir, '--enrolment', 'a')
  expect([code, out.split('.').length]).toEqual([0, 3])
  expect(err).toContain('issuer/link-key; chmod 600')
})

test('a missing or damaged folder is named with what to do', async () => {
  expect(await outrider('keys', 'token', `${dir}-nowhere`, '--enrolment', 'a')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('outrider keys init'),
  })
  await rm(path.join(dir, 'ca-key.pem'))
  expect(await outrider('keys', 'certificate', dir, '--role', 'node', '--name', 'x')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('ca-key.pem'),
  })
  await writeFile(path.join(dir, 'issuer/signing-keys.json'), 'x')
  expect(await outrider('keys', 'rotate', dir)).toMatchObject({ code: 2, out: '' })
  await writeFile(path.join(dir, 'jwks.json'), await readFile(path.join(dir, 'issuer/link-key')))
  expect(await outrider('keys', 'list', dir)).toMatchObject({ code: 2, out: '' })
})

test.each([
  [['token', 'DIR'], '--enrolment'],
  [['token', 'DIR', '--enrolment', ''], '1 to 256'],
  [['token', 'DIR', '--enrolment', 'a', '--lifetime', '25h'], '1s to 24h'],
  [['token', 'DIR', '--enrolment', 'a', '--lifetime', '1'], '30s, 15m, 1h, 365d'],
  [['token', 'DIR', '--enrolment', 'a', '--role', 'police'], 'public_transport'],
  [['token'], '--help'],
  [['rotate'], 'dir'],
  [['rotate', 'DIR', '--activate-after', '-1s'], '0s to 30d'],
  [['certificate', 'DIR', '--role', 'king', '--name', 'a'], 'operator'],
  [['certificate', 'DIR', '--role', 'node', '--name', '../a'], 'a-z'],
  [['certificate', 'DIR', '--role', 'node', '--name', 'a', '--host', 'a:1'], 'without port'],
  [['init', 'DIR/new', '--authority', 'City'], 'a-z'],
  [['init', 'DIR/new', '--host', 'a b'], 'DNS name'],
  [['unknown'], '--help'],
])('wrong flags are answered with what is allowed, exit code 2, nothing written: %j', async (args, hint) => {
  const before = await readdir(dir, { recursive: true })
  const result = await outrider('keys', ...args.map(arg => arg.replace('DIR', dir)))
  expect(result).toMatchObject({ code: 2, out: '', err: expect.stringContaining(hint) })
  expect(await readdir(dir, { recursive: true })).toEqual(before)
})
