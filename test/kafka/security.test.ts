// TLS and login against the broker's listener that wants both; every way to get it wrong has its own code.
import { readFileSync } from 'node:fs'
import { createKafkaEventLog, type KafkaEventLogOptions } from '@outrider/event-log'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { logins } from './global-setup.js'

const [app, guest] = logins.map(({ user, password }) => ({ mechanism: 'scram-sha-512' as const, username: user, password }))
const login = app!
const topic = { topic: 'secured', partitions: 1, retentionMs: 3_600_000, compacted: false }

const { own } = inject('kafka')

describe.skipIf(own === undefined)('TLS and SCRAM', () => {
  const { address = '', secure = { address: '', certificate: '' } } = own ?? {}
  let ca: string
  beforeAll(() => {
    ca = readFileSync(secure.certificate, 'utf8')
  })

  const create = (options: Partial<KafkaEventLogOptions>) =>
    createKafkaEventLog({
      brokers: [secure.address],
      clientId: 'secure',
      replication: 1,
      requestTimeoutMs: 3_000,
      onEvent: () => {},
      ...options,
    })

  async function startAndStop(options: Partial<KafkaEventLogOptions>): Promise<void> {
    const log = create(options)
    try {
      await log.start()
    } finally {
      await log.stop()
    }
  }

  test('append and consume', async () => {
    const log = create({ tls: { ca }, login })
    await log.start()
    await log.ensureTopics([topic])
    await log.append({ topic: topic.topic, records: [{ key: 'k', value: Buffer.from('v'), timeMs: Date.now() }] })
    const values: string[] = []
    const done = new AbortController()
    const onBatch = async ({ records }: { records: readonly { value: Uint8Array | null }[] }) => {
      values.push(...records.map(each => String(each.value)))
      done.abort()
    }
    await log.consume({ group: 'g', topics: [topic.topic], from: 'committed', onBatch, signal: done.signal }).finished
    expect(values).toEqual(['v'])
    await log.stop()
  })

  test('an authority that did not sign the broker’s certificate', async () => {
    const foreign = readFileSync(new URL('./foreign-authority.pem', import.meta.url), 'utf8')
    await expect(startAndStop({ tls: { ca: foreign }, login })).rejects.toMatchObject({ code: 'tls_refused', retriable: false })
    await expect(startAndStop({ tls: {}, login })).rejects.toMatchObject({ code: 'tls_refused' })
  })

  test('a certificate or key of our own that is none', async () => {
    for (const broken of [
      { cert: ca, key: ca },
      { cert: 'rubbish', key: 'rubbish' },
    ])
      await expect(startAndStop({ tls: { ca, ...broken }, login })).rejects.toMatchObject({ code: 'tls_refused', retriable: false })
  })

  test('a wrong password, a wrong user, a mechanism the broker does not have', async () => {
    for (const wrong of [
      { ...login, password: 'wrong-horse' },
      { ...login, username: 'nobody' },
      { ...login, mechanism: 'plain' as const },
    ]) {
      const refused = startAndStop({ tls: { ca }, login: wrong })
      await expect(refused).rejects.toMatchObject({
        code: 'login_refused',
        retriable: false,
        message: expect.stringMatching(/mechanism/),
      })
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(wrong.password) })
    }
  })

  test('no TLS where it is wanted, TLS where it is not', async () => {
    const advice = { code: 'unreachable', message: expect.stringContaining('whether this listener expects TLS') }
    await expect(startAndStop({})).rejects.toMatchObject(advice)
    await expect(startAndStop({ brokers: [address], tls: { ca } })).rejects.toMatchObject(advice)
  })

  test('a user without rights is told so, by append and consume alike', async () => {
    const log = create({ tls: { ca }, login: guest! })
    await log.start()
    await expect(log.append({ topic: topic.topic, records: [{ key: 'k', value: null, timeMs: 1 }] })).rejects.toMatchObject({
      code: 'not_authorised',
    })
    await expect(
      log.consume({ group: 'g', topics: [topic.topic], from: 'committed', onBatch: async () => {} }).finished,
    ).rejects.toMatchObject({ code: 'not_authorised' })
    await log.stop()
  })
})
