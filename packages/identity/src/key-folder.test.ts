import files, { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKeyFolder, openKeyFolder } from './key-folder.js'
import type { KeyFolderAccess } from './key-folder-disk.js'
import { readPublicKeys } from './public-keys.js'
import { createTokenVerifier } from './token-verifier.js'
import { clockToleranceMaxMs, tokenLifetimeMaxMs } from './vehicle-token.js'

// Each cut is a whole folder, every file of it synced; a slow disk may take seconds for all.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const dayMs = 86_400_000
let parent = ''
let root = ''
let now = 0
const nowMs = () => now
const request = { enrolment: 'car', role: 'default', lifetimeMs: tokenLifetimeMaxMs } as const

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'outrider-key-folder-'))
  root = path.join(parent, 'keys')
  now = Date.UTC(2026, 5, 1, 12)
})

afterEach(() => rm(parent, { recursive: true }))

function create(access: KeyFolderAccess = files) {
  return createKeyFolder({ path: root, files: access, nowMs, authority: 'city', certificates: [{ role: 'node', name: 'zone-a' }] })
}

async function published() {
  const result = await readPublicKeys(await readFile(path.join(root, 'jwks.json'), 'utf8'))
  return result.ok ? result.keys : new Map()
}

/** Accepts with the public file as it is now, as a node would that has just read it. */
async function verify(token: string) {
  const keys = await published()
  return createTokenVerifier({ keys: { find: async keyId => keys.get(keyId) }, authority: 'city', nowMs }).verify(token)
}

test('secret files are for their owner alone, and only they', async () => {
  const folder = await create()
  const modes = await Promise.all(
    ['', 'issuer', 'issuer/link-key', 'issuer/signing-keys.json', 'ca-key.pem', 'certificates', 'certificates/node-zone-a.key'].map(
      async file => (await stat(path.join(root, file))).mode & 0o077,
    ),
  )
  expect(modes).toEqual(modes.map(() => 0))
  expect(await folder.exposedFiles()).toEqual([])
  await chmod(path.join(root, 'issuer/link-key'), 0o640)
  await chmod(path.join(root, 'certificates/node-zone-a.key'), 0o604)
  expect(await folder.exposedFiles()).toEqual(['issuer/link-key', 'certificates/node-zone-a.key'])
})

test('no token is ever refused across rotations, and each key goes once its last token is dead', async () => {
  const folder = await create()
  const alive: { token: string; expiresAtMs: number }[] = []
  for (let step = 0; step < 40; step++) {
    if (step % 5 === 0) await folder.rotate(3_600_000)
    const { token, identity } = await (await folder.tokenIssuer()).issue(request)
    alive.push({ token, expiresAtMs: identity.expiresAtMs })
    now += 3 * 3_600_000
    for (const { token: text, expiresAtMs } of alive) {
      if (expiresAtMs > now) expect(await verify(text)).toMatchObject({ ok: true })
    }
  }
  expect((await published()).size).toBeLessThan(5)
  now += tokenLifetimeMaxMs + clockToleranceMaxMs
  const { pruned, added } = await folder.rotate(0)
  expect(pruned.length).toBeGreaterThan(0)
  now += tokenLifetimeMaxMs + clockToleranceMaxMs
  await folder.rotate(0)
  expect((await folder.signingKeys()).map(key => key.state)).toEqual(['retiring', 'signing'])
  expect((await folder.signingKeys())[0]?.keyId).toBe(added.keyId)
})

test('a key goes a day and the widest tolerance after its successor signs, not a millisecond sooner', async () => {
  const folder = await create()
  const first = (await folder.signingKeys())[0]!.keyId
  await folder.rotate(60_000)
  now += 60_000 + tokenLifetimeMaxMs + clockToleranceMaxMs - 1
  expect((await folder.rotate(0)).pruned).toEqual([])
  now += 1
  expect((await folder.rotate(0)).pruned).toEqual([first])
})

test('a new key waits until it is due, the one before signs meanwhile', async () => {
  const folder = await create()
  const before = (await folder.signingKeys())[0]!.keyId
  const { added } = await folder.rotate(60_000)
  expect([...(await published()).keys()]).toEqual([before, added.keyId])
  now += 59_999
  expect((await (await folder.tokenIssuer()).issue(request)).identity.keyId).toBe(before)
  now += 1
  expect((await (await folder.tokenIssuer()).issue(request)).identity.keyId).toBe(added.keyId)
  expect((await folder.signingKeys()).map(key => key.state)).toEqual(['retiring', 'signing'])
})

test('a key that is taken out of jwks.json signs no more', async () => {
  const folder = await create()
  const { added } = await folder.rotate(0)
  const set = JSON.parse(await readFile(path.join(root, 'jwks.json'), 'utf8'))
  await writeFile(
    path.join(root, 'jwks.json'),
    JSON.stringify({ keys: set.keys.filter((key: { kid: string }) => key.kid !== added.keyId) }),
  )
  now += 1000
  expect((await (await folder.tokenIssuer()).issue(request)).identity.keyId).not.toBe(added.keyId)
})

/** `node:fs/promises` that fails for good at the call with a number, as a machine that dies there. */
function failingAt(call: number) {
  let calls = 0
  const guard = <Args extends unknown[], Result>(action: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (++calls >= call) throw Object.assign(new Error('planned'), { code: 'EIO' })
      return action(...args)
    }
  }
  const open = guard(async (...args: Parameters<typeof files.open>) => {
    const handle = await files.open(...args)
    const close = handle.close.bind(handle)
    return { writeFile: guard(handle.writeFile.bind(handle)), sync: guard(handle.sync.bind(handle)), close }
  })
  const access = {
    open,
    rename: guard(files.rename),
    rm: guard(files.rm),
    chmod: guard(files.chmod),
    mkdir: guard(files.mkdir),
    readFile: guard(files.readFile),
    readdir: guard(files.readdir),
    stat: guard(files.stat),
  } as unknown as KeyFolderAccess
  return { access, wasReached: () => calls >= call }
}

test('a rotation cut off at any call leaves a folder whose tokens verify, and the next rotation goes through', async () => {
  await create()
  let cuts = 0
  for (let call = 1; ; call++) {
    const { access, wasReached } = failingAt(call)
    const broken = await openKeyFolder({ path: root, files: access, nowMs })
      .then(folder => folder.rotate(0), String)
      .catch(String)
    if (!wasReached()) break
    cuts += 1
    expect(broken).toContain('IdentityError')
    const folder = await openKeyFolder({ path: root, files, nowMs })
    const { token } = await (await folder.tokenIssuer()).issue(request)
    expect(await verify(token)).toMatchObject({ ok: true })
  }
  expect(cuts).toBeGreaterThan(12)
  const folder = await openKeyFolder({ path: root, files, nowMs })
  const { added } = await folder.rotate(0)
  now += dayMs
  expect((await folder.signingKeys()).map(key => key.keyId)).toContain(added.keyId)
  expect([...(await published()).keys()].sort()).toEqual((await folder.signingKeys()).map(key => key.keyId).sort())
})

test('an init cut off at any call leaves no folder that looks finished, and says how to begin again', async () => {
  let cuts = 0
  for (let call = 1; ; call++) {
    const { access, wasReached } = failingAt(call)
    const broken = await create(access).catch((error: unknown) => error)
    if (!wasReached()) break
    cuts += 1
    expect(broken).toMatchObject({ name: 'IdentityError' })
    const left = await readdir(root).catch((): string[] => [])
    if (left.length > 0 && !left.includes('authority.json')) {
      await expect(create()).rejects.toMatchObject({ code: 'already_exists', message: expect.stringContaining('remove it first') })
      await expect(openKeyFolder({ path: root, files, nowMs })).rejects.toMatchObject({ code: 'key_folder_unusable' })
    }
    await rm(root, { recursive: true, force: true })
  }
  expect(cuts).toBeGreaterThan(30)
})

test('rotations at once leave a folder that signs with a published key', async () => {
  const folder = await create()
  await Promise.all(Array.from({ length: 8 }, () => folder.rotate(0)))
  const { token } = await (await folder.tokenIssuer()).issue(request)
  expect(await verify(token)).toMatchObject({ ok: true })
  expect((await readdir(root)).filter(name => name.endsWith('.tmp'))).toEqual([])
})

test('keys are not gathered without bound', async () => {
  const folder = await create()
  for (let count = 1; count < 32; count++) await folder.rotate(0)
  await expect(folder.rotate(0)).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining('32 keys') })
  const { token } = await (await folder.tokenIssuer()).issue(request)
  expect(await verify(token)).toMatchObject({ ok: true })
})

test.each([
  ['authority.json', '{}', 'no "authority"'],
  ['authority.json', 'x', 'not JSON'],
  ['jwks.json', '{"keys":[]}', '0 keys'],
  ['issuer/signing-keys.json', '{', 'not JSON'],
  ['issuer/signing-keys.json', '{"keys":[{"kid":"a"}]}', 'keys[0] lacks'],
  ['issuer/link-key', 'short', 'not 32 bytes'],
])('a damaged %s is named with what is wrong (%s)', async (file, text, problem) => {
  await create()
  await writeFile(path.join(root, file), text)
  const action = openKeyFolder({ path: root, files, nowMs }).then(folder => folder.tokenIssuer())
  await expect(action).rejects.toMatchObject({ code: 'key_folder_unusable', message: expect.stringContaining(path.join(root, file)) })
  await expect(action).rejects.toThrow(problem)
})

test('a certificate is not replaced by accident; its names and its key never share a file with another', async () => {
  const folder = await create()
  await expect(folder.addCertificate({ role: 'node', name: 'zone-a' })).rejects.toMatchObject({ code: 'already_exists' })
  const before = await readFile(path.join(root, 'certificates/node-zone-a.pem'), 'utf8')
  await folder.addCertificate({ role: 'node', name: 'zone-a-key' })
  expect(await readFile(path.join(root, 'certificates/node-zone-a.pem'), 'utf8')).toBe(before)
  await folder.addCertificate({ role: 'node', name: 'zone-a', replace: true })
  expect(await readFile(path.join(root, 'certificates/node-zone-a.pem'), 'utf8')).not.toBe(before)
  expect((await folder.certificates()).map(({ file, peer }) => [file, peer?.name])).toEqual([
    ['ca.pem', undefined],
    ['certificates/node-zone-a-key.pem', 'zone-a-key'],
    ['certificates/node-zone-a.pem', 'zone-a'],
  ])
})
