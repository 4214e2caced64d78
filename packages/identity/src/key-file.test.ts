import files, { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeyFile, type KeyFileEvent, type KeyFileOptions } from './key-file.js'
import { createKeyFolder } from './key-folder.js'
import { keySetBytesMax, readPublicKeys } from './public-keys.js'
import { generateSigningKey, publicKeySetText, signingKeysText } from './signing-keys.js'
import { createTokenVerifier } from './token-verifier.js'

const first = await generateSigningKey(0, 0)
const second = await generateSigningKey(0, 0)
const [firstJwk, secondJwk] = JSON.parse(publicKeySetText([first, second])).keys

let folder = ''
let file = ''
let stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'outrider-key-file-'))
  file = path.join(folder, 'jwks.json')
})

afterEach(async () => {
  for (const stop of stops) await stop()
  stops = []
  await rm(folder, { recursive: true })
})

/** A key file whose events can be awaited in order; polls are so rare by default that none happens. */
function watch(options: Partial<KeyFileOptions> = {}) {
  const events: KeyFileEvent[] = []
  const waiting: ((event: KeyFileEvent) => void)[] = []
  const onEvent = (event: KeyFileEvent) => {
    const next = waiting.shift()
    if (next === undefined) events.push(event)
    else next(event)
  }
  const keyFile = createKeyFile({ path: file, files, nowMs: () => 0, onEvent, pollIntervalMs: 3_600_000, ...options })
  stops.push(keyFile.stop)
  const nextEvent = () =>
    events.length > 0 ? Promise.resolve(events.shift()!) : new Promise<KeyFileEvent>(resolve => waiting.push(resolve))
  return { keyFile, nextEvent, events }
}

test('a poll takes a changed file, keeps the last good set while the file is bad, and recovers', async () => {
  await writeFile(file, publicKeySetText([first]))
  let now = 1000
  const { keyFile, nextEvent } = watch({ pollIntervalMs: 2, nowMs: () => now })
  expect(keyFile.state()).toEqual({ status: 'empty' })
  await keyFile.start()
  expect(await nextEvent()).toEqual({ event: 'key_file_loaded', keyIds: [first.keyId] })

  await writeFile(file, publicKeySetText([second]))
  // A write in place is seen half done at times; that is refused and then taken.
  for (;;) if ((await nextEvent()).keyIds.includes(second.keyId)) break
  expect(keyFile.state()).toEqual({ status: 'fresh', keyIds: [second.keyId], loadedAtMs: 1000 })
  expect(await keyFile.find(first.keyId)).toBeUndefined()

  now = 2000
  await rm(file)
  expect(await nextEvent()).toMatchObject({ event: 'key_file_refused', keyIds: [second.keyId] })
  expect(keyFile.state()).toMatchObject({ status: 'stale', keyIds: [second.keyId], loadedAtMs: 1000, sinceMs: 2000 })
  expect(await keyFile.find(second.keyId)).toBeDefined()

  now = 3000
  await writeFile(`${file}.new`, publicKeySetText([second]))
  await files.rename(`${file}.new`, file)
  expect(await nextEvent()).toEqual({ event: 'key_file_loaded', keyIds: [second.keyId] })
  expect(keyFile.state()).toEqual({ status: 'fresh', keyIds: [second.keyId], loadedAtMs: 3000 })
})

test('an unknown key causes one read for all who ask, at most one a second, also when the clock is set back', async () => {
  await writeFile(file, publicKeySetText([first]))
  let now = 10_000
  let reads = 0
  const counted = {
    stat: files.stat,
    readFile: ((...args: Parameters<typeof files.readFile>) => {
      reads += 1
      return files.readFile(...args)
    }) as typeof files.readFile,
  }
  const { keyFile } = watch({ nowMs: () => now, files: counted })
  await keyFile.start()
  await writeFile(file, publicKeySetText([first, second]))
  now += 999
  expect(await keyFile.find(second.keyId)).toBeUndefined()
  expect(reads).toBe(1)
  now += 1
  const found = await Promise.all(Array.from({ length: 100 }, () => keyFile.find(second.keyId)))
  expect(found.every(key => key !== undefined)).toBe(true)
  expect(reads).toBe(2)
  await Promise.all(Array.from({ length: 100 }, (_, index) => keyFile.find(`stranger-${index}`)))
  expect(reads).toBe(2)
  now -= 5000
  await keyFile.find('stranger')
  expect(reads).toBe(3)
})

test('a rotated key works in a live verifier without waiting for a poll, old tokens go on, and hundreds of checks run meanwhile', async () => {
  let now = Date.UTC(2026, 5, 1, 12)
  const clock = { nowMs: () => now }
  const keyFolder = await createKeyFolder({ path: path.join(folder, 'k'), files, ...clock, authority: 'city', certificates: [] })
  const { keyFile } = watch({ path: path.join(folder, 'k', 'jwks.json'), ...clock })
  await keyFile.start()
  const verifier = createTokenVerifier({ keys: keyFile, authority: 'city', ...clock })
  const request = { enrolment: 'car', role: 'default', lifetimeMs: 3_600_000 } as const
  const old = await (await keyFolder.tokenIssuer()).issue(request)
  const { added } = await keyFolder.rotate(60_000)
  now += 60_000
  const fresh = await (await keyFolder.tokenIssuer()).issue(request)
  expect([old.identity.keyId === added.keyId, fresh.identity.keyId === added.keyId]).toEqual([false, true])
  const tokens = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? old.token : fresh.token))
  const results = await Promise.all(tokens.map(token => verifier.verify(token)))
  expect(results.filter(result => !result.ok)).toEqual([])
})

test('a start without a usable set fails with what is wrong, and nothing is watched', async () => {
  const { keyFile } = watch()
  await expect(keyFile.start()).rejects.toMatchObject({
    code: 'key_file_unusable',
    retriable: true,
    message: expect.stringContaining('ENOENT'),
  })
  await writeFile(file, 'x'.repeat(keySetBytesMax + 1))
  await expect(keyFile.start()).rejects.toThrow('bytes; a key set has at most')
  await rm(file)
  await files.mkdir(file)
  await expect(keyFile.start()).rejects.toThrow('not a file')
  expect(keyFile.state()).toEqual({ status: 'empty' })
  await files.rmdir(file)
  await writeFile(file, publicKeySetText([first]))
  await keyFile.start()
  expect(keyFile.state().status).toBe('fresh')
})

test('stop ends the polls, may be called twice, and keeps the keys', async () => {
  await writeFile(file, publicKeySetText([first]))
  const { keyFile } = watch({ pollIntervalMs: 1 })
  await keyFile.start()
  await keyFile.start()
  await keyFile.stop()
  await keyFile.stop()
  expect(await keyFile.find(first.keyId)).toBeDefined()
})

test.each([
  ['not JSON', '{', 'not JSON'],
  ['null', 'null', 'no "keys" array'],
  ['no keys', '{"keys":[]}', '0 keys'],
  ['too many', JSON.stringify({ keys: Array.from({ length: 33 }, () => firstJwk) }), '33 keys'],
  ['not an object', JSON.stringify({ keys: [firstJwk, 5] }), 'keys[1]: not an object'],
  ['RSA', JSON.stringify({ keys: [{ kty: 'RSA', kid: 'a', n: 'x', e: 'AQAB' }] }), 'keys[0]: kty and crv'],
  ['another curve', JSON.stringify({ keys: [{ ...firstJwk, crv: 'X25519' }] }), 'keys[0]: kty and crv'],
  ['another algorithm', JSON.stringify({ keys: [{ ...firstJwk, alg: 'HS256' }] }), 'keys[0]: alg'],
  ['for encryption', JSON.stringify({ keys: [{ ...firstJwk, use: 'enc' }] }), 'keys[0]: use'],
  ['no kid', JSON.stringify({ keys: [{ ...firstJwk, kid: undefined }] }), 'keys[0]: kid'],
  ['a short key', JSON.stringify({ keys: [{ ...firstJwk, x: 'abc' }] }), 'keys[0]: x must'],
  ['one kid twice', JSON.stringify({ keys: [firstJwk, { ...secondJwk, kid: firstJwk.kid }] }), 'stands twice'],
  ['a private key', signingKeysText([first]), 'keys[0]: holds a PRIVATE key'],
  ['a symmetric key', JSON.stringify({ keys: [{ kty: 'oct', kid: 'a', k: 'c2VjcmV0' }] }), 'keys[0]: holds a PRIVATE key'],
])('a key set is refused whole: %s', async (_, text, problem) => {
  const result = await readPublicKeys(text)
  expect(result.ok ? [] : result.problems).toEqual([expect.stringContaining(problem)])
  expect(JSON.stringify(result)).not.toContain(first.privateD)
})

test('every bad key of a set is named', async () => {
  const result = await readPublicKeys(JSON.stringify({ keys: [1, firstJwk, { ...firstJwk, kid: '' }, null] }))
  expect(result.ok ? [] : result.problems.map(problem => problem.slice(0, 7))).toEqual(['keys[0]', 'keys[2]', 'keys[3]'])
})
