import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kafkaSettings, readKafkaSettings } from './kafka-settings.js'

test('without variables there is no Kafka, and the defaults are complete', () => {
  const value = { brokers: undefined, clientId: 'outrider', tls: undefined, login: undefined, replication: 3 }
  expect(readKafkaSettings({})).toEqual({ ok: true, value })
})

test('all variables together', () => {
  const environment = {
    KAFKA_BROKERS: 'a.example:9093, [::1]:9094',
    KAFKA_CLIENT_ID: 'region-1',
    KAFKA_TLS_CA: '/ca.pem',
    KAFKA_TLS_CERT: '/cert.pem',
    KAFKA_TLS_KEY: '/key.pem',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: 'u',
    KAFKA_SASL_PASSWORD: 'p',
    OUTRIDER_KAFKA_REPLICATION: '2',
  }
  expect(readKafkaSettings(environment)).toEqual({
    ok: true,
    value: {
      brokers: ['a.example:9093', '[::1]:9094'],
      clientId: 'region-1',
      tls: { ca: '/ca.pem', cert: '/cert.pem', key: '/key.pem' },
      login: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
      replication: 2,
    },
  })
  expect(Object.values(kafkaSettings).map(each => each.variable)).toEqual(expect.arrayContaining(Object.keys(environment)))
})

test('TLS with the system’s authorities', () => {
  expect(readKafkaSettings({ KAFKA_TLS: 'true' })).toMatchObject({ value: { tls: {} } })
  expect(readKafkaSettings({ KAFKA_TLS: 'false' })).toMatchObject({ value: { tls: undefined } })
})

test.each([
  [{ KAFKA_BROKERS: 'localhost' }, 'KAFKA_BROKERS is "localhost"; must be host:port, or several with commas between'],
  [{ KAFKA_BROKERS: 'a:1,b:70000' }, 'KAFKA_BROKERS is "a:1,b:70000"; must be host:port, or several with commas between'],
  [{ KAFKA_TLS: 'yes' }, 'KAFKA_TLS is "yes"; must be true or false'],
  [{ KAFKA_TLS: 'false', KAFKA_TLS_CA: '/ca' }, 'KAFKA_TLS is "false"; must be true or unset, as KAFKA_TLS_CA is set'],
  [{ KAFKA_TLS_CERT: '/c' }, 'KAFKA_TLS_KEY is unset; must be the path of a PEM file, as KAFKA_TLS_CERT is set'],
  [{ KAFKA_SASL_MECHANISM: 'gssapi' }, 'KAFKA_SASL_MECHANISM is "gssapi"; must be one of plain, scram-sha-256, scram-sha-512'],
  [
    { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u' },
    'KAFKA_SASL_PASSWORD is unset; must be the user’s password, as KAFKA_SASL_MECHANISM is set',
  ],
  [
    { KAFKA_SASL_PASSWORD: 'hidden' },
    'KAFKA_SASL_MECHANISM is unset; must be one of plain, scram-sha-256, scram-sha-512, as KAFKA_SASL_PASSWORD is set',
  ],
  [
    { OUTRIDER_KAFKA_REPLICATION: '0' },
    'OUTRIDER_KAFKA_REPLICATION is "0"; must be a whole number, 1 to 32767, and no more than there are brokers',
  ],
])('%j is named with what is allowed', (environment, text) => {
  expect(readKafkaSettings(environment)).toEqual({ ok: false, problems: [expect.objectContaining({ text })] })
})

test('the documented variables are the table', () => {
  const documentation = readFileSync(new URL('../../../docs/event-log.md', import.meta.url), 'utf8')
  const documented = [...documentation.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, variable]) => variable)
  expect(documented).toEqual(Object.values(kafkaSettings).map(each => each.variable))
})
