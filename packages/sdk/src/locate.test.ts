import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { locateNode } from './locate.js'

test.each<[string, number, string, string | undefined]>([
  ['the node responsible', 200, '{"footprint":"f","node":{"name":"n2","vehicleUrl":"wss://n2.example/"}}', 'wss://n2.example/'],
  ['outside every footprint', 404, '{"title":"not found"}', undefined],
  ['no JSON', 200, '<html>', undefined],
  ['another shape', 200, '{"node":{"vehicleUrl":5}}', undefined],
  ['null', 200, 'null', undefined],
])('%s', async (_name, status, body, expected) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!, JSON.stringify(request.headers.authorization))
    response.writeHead(status).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/vehicles`
  const found = await locateNode((input, init) => fetch(input, init), url, { latitude: 53.5, longitude: -9.25 })
  await new Promise(resolve => server.close(resolve))
  expect(found).toBe(expected)
  expect(asked).toEqual(['/v1/locate?lat=53.5000000&lon=-9.2500000', undefined])
  expect(await locateNode((input, init) => fetch(input, init), url, { latitude: 0, longitude: 0 }), 'nobody there any more').toBeUndefined()
})
