// A foreign client that knows nothing of ours: it asks the region what it serves, and calls it. grpcurl where it is installed; the
// reflection protocol through a bare gRPC client everywhere.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { Client, credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { fromJSON, loadSync } from '@grpc/proto-loader'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRegionPlace, type RegionPlace, type RegionProcess } from './region-process.js'

let place: RegionPlace
let region: RegionProcess

beforeAll(async () => {
  place = await createRegionPlace()
  region = await place.start({ OUTRIDER_INSECURE: '1' })
})
afterAll(() => place?.remove())

test('reflection lists the services and gives their descriptors', async () => {
  const names = ['grpc.health.v1.Health', ...['AlertService', 'UplinkService', 'ZoneService'].map(name => `outrider.v1.${name}`)]
  const client = new Client(`127.0.0.1:${region.grpcPort}`, credentials.createInsecure())
  const method = reflectionMethod()
  const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize)
  const answers: {
    list_services_response?: { service: { name: string }[] }
    file_descriptor_response?: { file_descriptor_proto: Buffer[] }
  }[] = []
  const ended = new Promise((resolve, reject) => call.on('end', resolve).on('error', reject))
  call.on('data', answer => answers.push(answer))
  call.write({ list_services: '' })
  for (const name of names) call.write({ file_containing_symbol: name })
  call.end()
  await ended
  client.close()
  expect(answers[0]?.list_services_response?.service.map(({ name }) => name).sort()).toEqual(names)
  for (const [index, name] of names.entries()) {
    const files = Buffer.concat(answers[index + 1]?.file_descriptor_response?.file_descriptor_proto ?? [])
    expect(files.includes(name.slice(name.lastIndexOf('.') + 1))).toBe(true)
  }
})

test('the health service says that it serves', async () => {
  const { protoPath } = createRequire(new URL('../../apps/region/package.json', import.meta.url))('grpc-health-check') as {
    protoPath: string
  }
  const { grpc } = loadPackageDefinition(loadSync(protoPath, { enums: String })) as unknown as {
    grpc: {
      health: {
        v1: {
          Health: new (address: string, channel: ReturnType<typeof credentials.createInsecure>) => Client & Record<string, CallableFunction>
        }
      }
    }
  }
  const client = new grpc.health.v1.Health(`127.0.0.1:${region.grpcPort}`, credentials.createInsecure())
  for (const service of ['', 'outrider.v1.AlertService']) {
    const answer = await new Promise((resolve, reject) =>
      client.check!({ service }, (error: Error | null, found: unknown) => (error ? reject(error) : resolve(found))),
    )
    expect(answer).toMatchObject({ status: 'SERVING' })
  }
  client.close()
})

const hasGrpcurl = spawnSync('grpcurl', ['-version']).status === 0

test.skipIf(!hasGrpcurl)('grpcurl issues, lists and ends an alert', () => {
  const grpcurl = (method: string, request: object) => {
    const { status, stdout, stderr } = spawnSync(
      'grpcurl',
      ['-plaintext', '-d', JSON.stringify(request), `127.0.0.1:${region.grpcPort}`, `outrider.v1.${method}`],
      { encoding: 'utf8' },
    )
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return JSON.parse(stdout)
  }
  const at = { latitudeE7: 602_500_000, longitudeE7: 250_000_000 }
  const alert = {
    status: 'ALERT_STATUS_ACTUAL',
    cause: { code: 'CAUSE_CODE_ACCIDENT' },
    eventPosition: at,
    area: { circle: { center: at, radiusCm: 5_000 } },
  }
  const issued = grpcurl('AlertService/Issue', { requestId: 'by-hand', alert })
  const { id } = issued.alert.alert
  expect(grpcurl('AlertService/List', {}).alerts).toHaveLength(1)
  expect(grpcurl('AlertService/End', { requestId: 'by-hand-too', alertId: id }).alert.alert.ending.reason).toBe('END_REASON_CANCELLED')
  expect(grpcurl('ZoneService/List', {}).table.zones).toHaveLength(2)
})

/** grpc.reflection.v1, as the specification numbers its fields. */
function reflectionMethod() {
  const text = (id: number) => ({ type: 'string', id })
  const definition = fromJSON(
    {
      nested: {
        grpc: {
          nested: {
            reflection: {
              nested: {
                v1: {
                  nested: {
                    Request: {
                      fields: { host: text(1), file_containing_symbol: text(4), list_services: text(7) },
                      oneofs: { message_request: { oneof: ['file_containing_symbol', 'list_services'] } },
                    },
                    Service: { fields: { name: text(1) } },
                    ListServices: { fields: { service: { rule: 'repeated', type: 'Service', id: 1 } } },
                    Files: { fields: { file_descriptor_proto: { rule: 'repeated', type: 'bytes', id: 1 } } },
                    Response: {
                      fields: {
                        file_descriptor_response: { type: 'Files', id: 4 },
                        list_services_response: { type: 'ListServices', id: 6 },
                      },
                    },
                    ServerReflection: {
                      methods: {
                        ServerReflectionInfo: {
                          requestType: 'Request',
                          requestStream: true,
                          responseType: 'Response',
                          responseStream: true,
                          comment: '',
                        },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
    { keepCase: true },
  )
  const service = definition['grpc.reflection.v1.ServerReflection'] as unknown as Record<
    string,
    { path: string; requestSerialize: (message: object) => Buffer; responseDeserialize: (bytes: Buffer) => object }
  >
  return service.ServerReflectionInfo!
}
