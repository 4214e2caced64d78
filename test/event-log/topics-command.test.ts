// `outrider topics` on an embedded event log, and what it says to whoever got it wrong.
import { generateKeyPairSync, randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFileEventLog } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'
import { afterAll, expect, test } from 'vitest'
import { outrider } from './outrider-command.js'

const parent = mkdtempSync(path.join(os.tmpdir(), 'topics-command-'))
afterAll(() => rmSync(parent, { recursive: true }))
const foreign = path.join(parent, 'foreign')
writeFileSync(foreign, 'x')
/** A real certificate, of a key that is not kept. */
const certificateFile = fileURLToPath(new URL('../kafka/foreign-authority.pem', import.meta.url))
const keyFile = path.join(parent, 'key.pem')
writeFileSync(keyFile, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }))
const brokenFile = path.join(parent, 'broken.pem')
writeFileSync(
  brokenFile,
  `${readFileSync(certificateFile, 'utf8')}-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n`,
)

test('create, check, list and read in a folder', async () => {
  const data = path.join(parent, 'log')
  expect(await outrider(['topics', 'check', '--data', data])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no event log'),
  })
  expect(await outrider(['topics', 'create', '--data', data])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/outrider\.alert-state +created/),
  })
  expect(await outrider(['topics', 'check', '--data', data])).toMatchObject({ exitCode: 0, stderr: '' })
  const log = createFileEventLog({
    folder: data,
    writer: 'test',
    files: nodeFiles,
    clock: nodeClock,
    randomUint32: () => randomInt(2 ** 32),
    onEvent: () => {},
  })
  await log.start()
  await log.append({
    topic: 'outrider.alerts',
    records: ['one', 'two', 'three'].map(text => ({ key: text, value: Buffer.from(text), timeMs: 5, headers: { h3: '8a1f' } })),
  })
  const listed = JSON.parse((await outrider(['topics', 'list', '--json', '--data', data])).stdout)
  expect(listed).toHaveLength(7)
  expect(listed).toContainEqual(expect.objectContaining({ topic: 'outrider.alerts', state: 'ok', partitions: 1, records: 3 }))
  const read = await outrider(['topics', 'read', 'outrider.alerts', '--data', data])
  const lines = read.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(lines[0]).toEqual({
    partition: expect.stringMatching(/^test@[0-9a-f]{8}$/),
    offset: 1,
    key: 'one',
    timeMs: 5,
    headers: { h3: '8a1f' },
    value: 'b25l',
  })
  expect(lines.map(line => line.key)).toEqual(['one', 'two', 'three'])
  await log.stop()
})

test.each([
  [['topics', 'list'], {}, 2, 'Set KAFKA_BROKERS=host:port for Kafka, or name the folder of an embedded one with --data DIR'],
  [['topics', 'list', '--data', foreign], {}, 2, `${foreign} is no folder`],
  [['topics', 'list'], { KAFKA_BROKERS: 'nowhere' }, 2, 'KAFKA_BROKERS is "nowhere"; must be host:port, or several with commas between'],
  [
    ['topics', 'list'],
    { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CA: '/no/such.pem' },
    2,
    'KAFKA_TLS_CA is "/no/such.pem"; must be the path of a PEM file',
  ],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CA: foreign }, 2, 'must be a PEM file of certificates: it holds none'],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CA: keyFile }, 2, 'it holds something else (PRIVATE KEY)'],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CA: brokenFile }, 2, 'KAFKA_TLS_CA is'],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CA: brokenFile }, 2, 'certificate 2 is broken'],
  [
    ['topics', 'list'],
    { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CERT: certificateFile, KAFKA_TLS_KEY: certificateFile },
    2,
    'must be a PEM file of a private key',
  ],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CERT: certificateFile, KAFKA_TLS_KEY: brokenFile }, 2, 'KAFKA_TLS_KEY is'],
  [
    ['topics', 'list'],
    { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CERT: certificateFile, KAFKA_TLS_KEY: keyFile },
    2,
    'must hold the key of the first certificate in KAFKA_TLS_CERT',
  ],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_TLS_CERT: keyFile, KAFKA_TLS_KEY: keyFile }, 2, 'KAFKA_TLS_CERT is'],
  [['topics', 'list'], { KAFKA_BROKERS: 'a:1', KAFKA_SASL_PASSWORD: 'hidden' }, 2, 'KAFKA_SASL_MECHANISM is unset; must be one of'],
  [['topics', 'check'], { KAFKA_BROKERS: '127.0.0.1:1' }, 3, 'no answer from Kafka at 127.0.0.1:1'],
  [['topics', 'read', 'x', '--limit', 'few'], {}, 2, 'must be a whole number, 1 or more'],
] as const)('%j with %j: exit %i and what to do', async (args, environment, exitCode, text) => {
  const result = await outrider(args, environment)
  expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(text) })
  expect(result.stderr).not.toMatch(/hidden|unexpected|\n +at /)
})

test('several wrong settings are one message, its lines told from others', async () => {
  const { exitCode, stderr } = await outrider(['topics', 'list'], { KAFKA_BROKERS: 'nowhere', KAFKA_CLIENT_ID: '!' })
  const [first = '', ...others] = stderr.trimEnd().split('\n')
  expect([exitCode, first.startsWith('outrider: KAFKA_'), others.length]).toEqual([2, true, 1])
  expect(others[0]).toMatch(/^ {2}KAFKA_/)
})
