import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { KafkaSettings } from '@outrider/service'
import { CliError, exitCodes } from './cli-error.js'

type Pems = NonNullable<KafkaSettings['tls']>

const variables = { ca: 'KAFKA_TLS_CA', cert: 'KAFKA_TLS_CERT', key: 'KAFKA_TLS_KEY' } as const

/**
 * Reads the PEM files that Kafka's settings name, and checks each: what is wrong with them would otherwise come out of the first
 * connection, as a failure to connect. @throws CliError that names the variable
 */
export function readPems(paths: Pems): Pems {
  const pems: { ca?: string; cert?: string; key?: string } = {}
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = paths[name]
    if (file !== undefined) pems[name] = checked(name, file, 'must be the path of a PEM file', () => readFileSync(file, 'utf8'))
  }
  const { ca, cert, key } = pems
  if (ca !== undefined) checked('ca', paths.ca, 'must be a PEM file of certificates', () => checkCertificates(ca))
  if (cert !== undefined) checked('cert', paths.cert, 'must be a PEM file of certificates', () => checkCertificates(cert))
  if (key !== undefined)
    checked('key', paths.key, 'must be a PEM file of a private key without a passphrase', () => createSecureContext({ key }))
  if (cert !== undefined && key !== undefined)
    checked('key', paths.key, 'must hold the key of the first certificate in KAFKA_TLS_CERT', () => createSecureContext({ cert, key }))
  return pems
}

function checked<T>(name: keyof Pems, file: string | undefined, must: string, job: () => T): T {
  try {
    return job()
  } catch (error) {
    throw new CliError(exitCodes.usage, `${variables[name]} is "${file}"; ${must}: ${(error as Error).message}`, { cause: error })
  }
}

/** Every block, as TLS itself passes over what it does not understand behind the first. */
function checkCertificates(pem: string): void {
  const blocks = pem.split(/^(?=-----BEGIN )/m).filter(block => block.startsWith('-----BEGIN '))
  if (blocks.length === 0) throw new Error('it holds none')
  for (const [index, block] of blocks.entries()) {
    const label = /^-----BEGIN ([A-Z0-9 ]*)-----/.exec(block)?.[1] ?? ''
    if (!label.endsWith('CERTIFICATE')) throw new Error(`it holds something else (${label || 'a broken BEGIN line'})`)
    try {
      new X509Certificate(block)
    } catch (error) {
      throw new Error(`certificate ${index + 1} is broken (${(error as Error).message})`, { cause: error })
    }
  }
}
