// `outrider alert ledger` as a person uses it, against a real central.
import { outrider as wire } from '@outrider/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outrider } from '../event-log/outrider-command.js'
import { type CentralPlace, type CentralProcess, createCentralPlace, until } from './central-process.js'
import { appendAll, openWriter } from './event-log-writer.js'
import { alertMessage, deliveryBody, placed } from './records.js'

const { DeliveryState, Lane } = wire.v1
const plan = { id: { node: 'edge-1', boot: 0xbeef, sequence: 1 }, atMs: Date.now() - 60_000 }
const id = 'edge-1/0000beef/1'

let place: CentralPlace
let central: CentralProcess

beforeAll(async () => {
  place = await createCentralPlace()
  const writer = await openWriter(place.eventLogFolder, 'region-1')
  const bodies = [
    { alert: alertMessage(plan, 1) },
    ...['warned', 'gone', 'waiting'].map(vehicle => deliveryBody(plan.id, 1, vehicle, DeliveryState.DELIVERY_STATE_TARGETED, plan.atMs)),
    deliveryBody(plan.id, 1, 'warned', DeliveryState.DELIVERY_STATE_ACKNOWLEDGED, plan.atMs + 20),
    deliveryBody(plan.id, 1, 'gone', DeliveryState.DELIVERY_STATE_DROPPED, plan.atMs + 30_000),
  ]
  await appendAll(
    writer,
    bodies.map((body, index) => placed({ node: 'edge-1', lane: Lane.LANE_URGENT, epoch: 1, sequence: index + 1 }, body, plan.atMs + index)),
  )
  await writer.stop()
  central = await place.start()
  await until(central.stats, ({ eventLog }) => eventLog.lag === 0)
})

afterAll(() => place.remove())

const ledger = (...args: string[]) => outrider(['alert', 'ledger', ...args])
const url = (port: number) => `http://127.0.0.1:${port}`

test('says how many were warned, who not and why; by pseudonym when asked', async () => {
  const shown = await ledger(id, '--central', url(central.httpPort))
  expect(shown).toMatchObject({ exitCode: 0 })
  for (const words of [
    `${id}: active`,
    'concerned   3 vehicles',
    'warned      1, 0 of them shown to the driver',
    'not warned  2: 1 pending, 1 dropped disconnected',
    'edge-1  3         1             1        1',
  ])
    expect(shown.stdout).toContain(words)
  expect(shown.stdout).not.toContain('waiting')
  const named = await ledger(id, '--vehicles', '--central-admin', `${url(central.adminPort)}/`)
  expect(named.stdout).toMatch(/gone +no +dropped disconnected +edge-1/)
  expect(named.stdout).toMatch(/warned +yes +acknowledged +edge-1/)
  const rest = await ledger(id, '--vehicles', '--after', 'gone', '--central-admin', url(central.adminPort), '--json')
  expect(JSON.parse(rest.stdout).vehicleList.map(({ vehicle }: { vehicle: string }) => vehicle)).toEqual(['waiting', 'warned'])
})

test.each([
  [['nonsense', '--central', 'http://127.0.0.1:1'], 2, 'region-1/0a1b2c3d/7'],
  [[id, '--central', 'ftp://there'], 2, 'http or https'],
  [[id, '--data', '/nonexistent'], 2, 'Give --central'],
  [[id, '--vehicles', '--data', '/nonexistent'], 2, 'Give --central-admin'],
  [[id, '--central', 'http://127.0.0.1:1'], 3, 'is it running there?'],
])('%j is refused with what is wrong', async (args, code, text) => {
  const { exitCode, stdout, stderr } = await ledger(...args)
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
  expect(stderr).toContain(text)
})

test('an alert central does not know, and what is not central, are told apart', async () => {
  expect(await ledger('edge-1/0000beef/9', '--central', url(central.httpPort))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('knows no alert edge-1/0000beef/9'),
  })
  expect(await ledger(id, '--central', url(central.adminPort))).toMatchObject({ exitCode: 1, stdout: '' })
})
