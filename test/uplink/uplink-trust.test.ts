// Who may be whose region, and whose node: wrong certificates are refused with a line that says what to do, and warning goes on.
import { readFileSync } from 'node:fs'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clearNodes, type EdgeNode, makeFolder, runEdge } from '../edge/edge-node.js'
import { authority, createRegionPlace, type RegionPlace } from '../region/region-process.js'
import { createTiers, readyOf, type Tiers } from './tiers.js'

let tiers: Tiers
/** The same names under another authority's root. */
let strangers: RegionPlace

beforeAll(async () => {
  tiers = await createTiers()
  strangers = await createRegionPlace(['edge-1'])
})
afterAll(async () => {
  await tiers.remove()
  await strangers.remove()
})

async function uplinkOf(node: EdgeNode): Promise<string> {
  const { ready, checks } = await readyOf(node)
  expect([ready, checks.uplink.ok]).toEqual([true, true])
  return checks.uplink.detail
}

/** Says why in `/readyz` and once in the log, though it is tried again and again. */
async function expectRefused(node: EdgeNode, why: RegExp): Promise<void> {
  await expect.poll(() => uplinkOf(node), { timeout: 30_000 }).toMatch(why)
  const attempts = async () => {
    const metrics = await (await fetch(`${node.admin}/metrics`)).text()
    return Number(/outrider_edge_uplink_failed_attempts\{lane="urgent".*\} (\d+)/.exec(metrics)?.[1])
  }
  await expect.poll(attempts, { timeout: 30_000 }).toBeGreaterThan(3)
  const lines = node.log.map(line => JSON.parse(line)).filter(({ event, lane }) => event.startsWith('uplink_') && lane === 'urgent')
  expect(lines.filter(({ reason, message }) => why.test(reason ?? message))).toHaveLength(1)
  expect(lines.every(({ level }) => level === 'warn')).toBe(true)
}

async function serve(place: RegionPlace, role: string, name: string): Promise<Server> {
  const { ca, certificate, key } = place.credentials(role, name)
  const pair = { private_key: readFileSync(key), cert_chain: readFileSync(certificate) }
  const server = new Server()
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(readFileSync(ca), [pair], true), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  tiers.relay.target = port
  return server
}

describe('a node', () => {
  it('takes nobody for its region but a region', async () => {
    const server = await serve(tiers.place, 'node', 'edge-2')
    const node = await tiers.startNode('edge-1')
    await expectRefused(node, /the peer's certificate is for node edge-2; must be for a region/)
    server.forceShutdown()
    node.process.kill('SIGKILL')
  })

  it('takes no region of another root', async () => {
    const server = await serve(strangers, 'region', 'region-1')
    const node = await tiers.startNode('edge-1')
    await expectRefused(node, /self-signed certificate in certificate chain.*OUTRIDER_TLS_CA/)
    server.forceShutdown()
    node.process.kill('SIGKILL')
  })

  it('of another root is taken by no region', async () => {
    await tiers.startRegion()
    const { certificate, key } = strangers.credentials('node', 'edge-1')
    const node = await tiers.startNode('edge-1', { OUTRIDER_TLS_CERT: certificate, OUTRIDER_TLS_KEY: key })
    await expectRefused(node, /OUTRIDER_TLS_CERT/)
    node.process.kill('SIGKILL')
  })

  it('does not start with the certificate of another, with a key of another, or without', async () => {
    const own = tiers.place.credentials('node', 'edge-1')
    const other = tiers.place.credentials('node', 'edge-2')
    const start = async (environment: Readonly<Record<string, string>>) => {
      const more = { OUTRIDER_AUTHORITY: authority, OUTRIDER_EDGE_KEYS: 'keys', OUTRIDER_EDGE_REGION: '127.0.0.1:1', ...environment }
      const { ended, log } = await runEdge(makeFolder(), more)
      expect(await ended).toBe(2)
      return log.join('\n')
    }
    const given = { OUTRIDER_TLS_CA: own.ca, OUTRIDER_TLS_CERT: own.certificate, OUTRIDER_TLS_KEY: own.key }
    expect(await start({ ...given, OUTRIDER_TLS_CERT: other.certificate, OUTRIDER_TLS_KEY: other.key })).toMatch(
      /OUTRIDER_TLS_CERT is for node edge-2; must be for node edge-1 \(outrider keys certificate --role node --name edge-1\)/,
    )
    expect(await start({ ...given, OUTRIDER_TLS_KEY: other.key })).toMatch(/OUTRIDER_TLS_KEY is the key of another certificate/)
    expect(await start({})).toMatch(/OUTRIDER_TLS_CA is unset; must be the path of ca.pem/)
    expect(await start({ OUTRIDER_EDGE_REGION: 'region' })).toMatch(/OUTRIDER_EDGE_REGION is "region"; must be host:port/)
    await clearNodes()
  })
})
