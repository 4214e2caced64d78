import { once } from 'node:events'
import * as files from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { createKeyFolder } from '@outrider/identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes, type EdgeNode, makeFolder, runEdge, startEdge } from './edge-node.js'
import { refusalOf, TestVehicle } from './test-vehicle.js'

const authority = 'outrider.local'
const hourMs = 3_600_000
let node: EdgeNode
const tokens: Record<string, string> = {}

async function keysOf(folder: string, name: string, issuer: string) {
  const make = { path: path.join(folder, name), files, authority: issuer, certificates: [] }
  return createKeyFolder({ ...make, nowMs: Date.now })
}

beforeAll(async () => {
  const at = makeFolder()
  const own = await keysOf(at.folder, 'keys', authority)
  const strange = await keysOf(at.folder, 'strange', authority)
  const other = await keysOf(at.folder, 'other', 'somebody.else')
  const request = { enrolment: 'test', role: 'default', lifetimeMs: hourMs } as const
  const issued = async (keys: typeof own, lifetimeMs = hourMs) => (await (await keys.tokenIssuer()).issue({ ...request, lifetimeMs })).token
  const good = await issued(own)
  const [head, claims, signature] = good.split('.') as [string, string, string]
  const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), role: 'rescue' }))
  Object.assign(tokens, {
    good,
    second: (await (await own.tokenIssuer()).issue({ ...request, enrolment: 'second' })).token,
    unknown_key: await issued(strange),
    wrong_issuer: await issued(other),
    tampered: [head, forged.toString('base64url'), signature].join('.'),
    malformed: 'not-a-token',
    wrong_algorithm: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`,
    too_large: 'a'.repeat(2_500),
    brief: await issued(own, 2_000),
  })
  // A key set of two issuers, so that the wrong one is found by its name and not by its key.
  const sets = await Promise.all(
    ['keys', 'other'].map(async name => JSON.parse(await files.readFile(path.join(at.folder, name, 'jwks.json'), 'utf8'))),
  )
  const keyFile = path.join(at.folder, 'jwks.json')
  await files.writeFile(keyFile, JSON.stringify({ keys: sets.flatMap(({ keys }) => keys) }))
  node = await startEdge({ OUTRIDER_EDGE_KEYS: keyFile, OUTRIDER_EDGE_ORIGINS: 'https://map.example' }, at)
})

afterAll(clearNodes)

describe('the door', () => {
  it('lets a good token in, from the header and as a subprotocol entry, and echoes neither it nor deflate', async () => {
    for (const options of [{ token: tokens.good! }, { token: tokens.second!, asEntry: true, json: true }]) {
      const vehicle = await TestVehicle.open(node.url, options)
      expect(vehicle.socket.protocol).toBe(options.asEntry ? 'outrider.v1.json' : 'outrider.v1')
      expect(vehicle.socket.extensions).toBe('')
      vehicle.send('hello', { sdkStart: 1 })
      const welcome = await vehicle.next('welcome')
      expect(welcome).toMatchObject({ zone: 'altstadt', node: 'edge-1', neighbours: [{ node: 'edge-2', url: 'ws://two.example' }] })
      vehicle.socket.close()
    }
  })

  for (const kind of ['unknown_key', 'wrong_issuer', 'tampered', 'malformed', 'wrong_algorithm', 'too_large']) {
    it(`answers a token that is ${kind} with 401 and a problem document`, async () => {
      const refusal = await refusalOf(node.url, { token: tokens[kind]! })
      expect(refusal).toMatchObject({
        status: 401,
        type: 'application/problem+json',
        problem: { type: 'urn:outrider:problem:token_refused' },
      })
      const metrics = await (await fetch(`${node.admin}/metrics`)).text()
      expect(metrics).toMatch(new RegExp(`outrider_edge_handshakes_total\\{kind="token_${kind}".* 1\n`))
    })
  }

  it('refuses no token, a token in the URL, strange pages and strange subprotocols', async () => {
    const token = tokens.good!
    const table = [
      { options: {}, status: 401, name: 'token_missing' },
      { options: { token }, query: `/?token=${token}`, status: 400, name: 'token_in_url' },
      { options: { token, headers: { origin: 'https://evil.example' } }, status: 403, name: 'origin_refused' },
      { options: { token, subprotocols: ['mqtt'] }, status: 400, name: 'subprotocol_unknown' },
      { options: { token, subprotocols: [] }, status: 400, name: 'subprotocol_unknown' },
    ]
    for (const { options, query = '', status, name } of table) {
      expect(await refusalOf(node.url + query, options)).toMatchObject({
        status,
        problem: { type: `urn:outrider:problem:${name}`, status },
      })
    }
    const allowed = await TestVehicle.open(node.url, { token, headers: { origin: 'https://map.example' } })
    allowed.socket.close()
  })

  it('closes a session when its token ends, and an older one of the same vehicle at once', async () => {
    const brief = await TestVehicle.join(node.url, { token: tokens.brief! })
    expect(await brief.closed).toBe(4300)
    const first = await TestVehicle.join(node.url, { token: tokens.good! })
    await TestVehicle.join(node.url, { token: tokens.good! })
    expect(await first.closed).toBe(4004)
  })

  it('refuses a connection that is to be closed, and goes on', async () => {
    const port = Number(new URL(node.http).port)
    const lines = ['GET / HTTP/1.1', 'Host: x', 'Connection: close', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
    const more = [
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol: outrider.v1',
      `Authorization: Bearer ${tokens.good}`,
    ]
    for (let count = 0; count < 20; count++) {
      const socket = connect(port, '127.0.0.1')
      socket.write([...lines, ...more, '', ''].join('\r\n'))
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 .*upgrade_expected/s)
      socket.destroy()
    }
    expect(node.log.every(line => line.startsWith('{'))).toBe(true)
    ;(await TestVehicle.join(node.url, { token: tokens.second! })).socket.close()
  })

  it('stays shut without keys, and says what to do', async () => {
    const { ready, ended, log } = await runEdge(makeFolder(), {})
    expect(ready).toBeUndefined()
    expect(await ended).toBe(2)
    expect(log.join('\n')).toMatch(/OUTRIDER_EDGE_KEYS is unset.*\n.*OUTRIDER_INSECURE=1/)
  })

  it('lets an address in so often and no more', async () => {
    const strict = await startEdge({ OUTRIDER_INSECURE: '1', OUTRIDER_EDGE_HANDSHAKES_ADDRESS: '1' })
    for (let count = 0; count < 2; count++) await TestVehicle.open(strict.url)
    expect(await refusalOf(strict.url)).toMatchObject({ status: 429, problem: { type: 'urn:outrider:problem:rate_exceeded' } })
  })
})
