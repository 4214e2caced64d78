// `outrider topics` against Kafka, by environment as in production.
import { createKafkaEventLog } from '@outrider/event-log'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, inject, test } from 'vitest'
import { outrider } from '../event-log/outrider-command.js'
import { logins } from './global-setup.js'

const { own } = inject('kafka')

describe.skipIf(own === undefined)('outrider topics', () => {
  const { address = '', secure = { address: '', certificate: '' } } = own ?? {}
  const environment = {
    KAFKA_BROKERS: secure.address,
    KAFKA_TLS_CA: secure.certificate,
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: logins[0]!.user,
    KAFKA_SASL_PASSWORD: logins[0]!.password,
    OUTRIDER_KAFKA_REPLICATION: '1',
  }

  test('missing topics are told, created with their settings, and changes noticed', async () => {
    expect(await outrider(['topics', 'check'], environment)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('7 topics are missing'),
    })
    expect(await outrider(['topics', 'read', 'outrider.alerts'], environment)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('outrider.alerts'),
    })
    const threefold = await outrider(['topics', 'create'], { ...environment, OUTRIDER_KAFKA_REPLICATION: '3' })
    expect(threefold).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no more replicas than there are brokers') })
    expect(await outrider(['topics', 'create'], environment)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/outrider\.reports +created/),
    })
    expect(await outrider(['topics', 'check'], environment)).toMatchObject({ exitCode: 0, stderr: '' })

    const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: ['outrider.reports', 'outrider.alert-state'].map(name => ({
        type: 2,
        name,
        configNames: ['cleanup.policy', 'retention.ms', 'min.insync.replicas'],
      })),
    })
    const configs = resources.map(({ configEntries }) => Object.fromEntries(configEntries.map(each => [each.configName, each.configValue])))
    expect(configs).toEqual([
      { 'cleanup.policy': 'delete', 'retention.ms': '86400000', 'min.insync.replicas': '1' },
      { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'min.insync.replicas': '1' },
    ])
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: 'outrider.reports', configEntries: [{ name: 'retention.ms', value: '1000' }] }],
    })
    await admin.disconnect()
    const check = await outrider(['topics', 'check'], environment)
    expect(check).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('retention.ms is 1000, should be 86400000') })
  })

  test('records are counted and printed, and a read leaves no group behind', async () => {
    const log = createKafkaEventLog({ brokers: [address], clientId: 'test', replication: 1, onEvent: () => {} })
    await log.start()
    const spec = { topic: 'to-read', partitions: 3, retentionMs: 3_600_000, compacted: false }
    await log.ensureTopics([spec])
    await log.append({
      topic: spec.topic,
      records: Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, value: Buffer.from('v'), timeMs: Date.now() })),
    })
    const { stdout, exitCode } = await outrider(['topics', 'read', spec.topic], environment)
    const keys = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).key as string)
    expect([exitCode, keys.length, new Set(keys).size]).toEqual([0, 20, 20])
    await log.stop()
  })

  test('a wrong password: exit 3, and the password is not shown', async () => {
    const result = await outrider(['topics', 'list'], { ...environment, KAFKA_SASL_PASSWORD: 'wrong-horse' })
    expect(result).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('login_refused') })
    expect(result.stderr).not.toContain('wrong-horse')
  })
})
