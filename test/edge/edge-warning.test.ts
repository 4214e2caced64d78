import path from 'node:path'
import { outrider } from '@outrider/protocol'
import { createSpool, nodeClock, nodeFiles } from '@outrider/spool'
import { afterEach, describe, expect, it } from 'vitest'
import { clearNodes, makeFolder, startEdge } from './edge-node.js'
import { TestVehicle } from './test-vehicle.js'

afterEach(clearNodes)

/** Four seconds north at 20 m/s. */
function steady(eastM: number, northM: number) {
  return [0, 1, 2, 3].map(second => ({ eastM, northM: northM + 20 * second, speedMps: 20 }))
}

/** The same with the last second at 8 m/s2. */
const braking = [...steady(0, 0).slice(0, 3), { eastM: 0, northM: 56, speedMps: 12 }]

describe('a vehicle that brakes hard', () => {
  it('warns those behind, in binary and in JSON, and not the one ahead', async () => {
    const node = await startEdge()
    const [braker, behind, behindJson, ahead] = await Promise.all([
      TestVehicle.join(node.url),
      TestVehicle.join(node.url),
      TestVehicle.join(node.url, { json: true }),
      TestVehicle.join(node.url),
    ])
    behind.drive('telemetry', 1, steady(0, -80))
    behindJson.drive('telemetry', 1, steady(0, -100))
    ahead.drive('telemetry', 1, steady(0, 120))
    await Promise.all([behind, behindJson, ahead].map(vehicle => vehicle.settled()))
    braker.drive('telemetry', 1, braking)
    for (const vehicle of [behind, behindJson]) {
      const { alert, remainingMs } = await vehicle.next('alert')
      expect(alert).toMatchObject({ cause: { code: 99, subCause: 1 }, revision: 1 })
      expect(remainingMs).toBeGreaterThan(0)
      const stage = outrider.v1.DeliveryStage.DELIVERY_STAGE_RECEIVED
      vehicle.send('deliveryAck', { entries: [{ alertId: alert!.id!, revision: 1, stage, timeMs: Date.now() }] })
      await vehicle.settled()
    }
    await ahead.settled()
    expect(ahead.count('alert')).toBe(0)
    // The braker is in its own area. What was targeted is somewhere, all of it.
    const details = (await (await fetch(`${node.admin}/details`)).json()) as { ledger: Record<string, number>; alerts: object[] }
    expect(details.ledger).toMatchObject({ targeted: 3 })
    expect(details.alerts).toHaveLength(1)
  })

  it('warns the others though one of them reads nothing', async () => {
    const node = await startEdge()
    const [braker, behind, stalled] = await Promise.all([1, 2, 3].map(() => TestVehicle.join(node.url)))
    for (const vehicle of [behind!, stalled!]) vehicle.drive('telemetry', 1, steady(0, -80))
    await Promise.all([behind!.settled(), stalled!.settled()])
    stalled!.socket.pause()
    braker!.drive('telemetry', 1, braking)
    const { alert } = await behind!.next('alert')
    const stage = outrider.v1.DeliveryStage.DELIVERY_STAGE_TAKEN
    for (const vehicle of [behind!, braker!]) {
      vehicle.send('deliveryAck', { entries: [{ alertId: alert!.id!, revision: 1, stage, timeMs: Date.now() }] })
    }
    await behind!.settled()
    // Its oldest alert was not received in time: it alone is closed, with what it finds once it reads.
    await expect
      .poll(
        async () =>
          ((await (await fetch(`${node.admin}/details`)).json()) as { counts: { closed: { stalled: number } } }).counts.closed.stalled,
        {
          timeout: 20_000,
          interval: 200,
        },
      )
      .toBe(1)
    stalled!.socket.resume()
    expect(await stalled!.closed).toBe(4102)
    await behind!.settled()
  })
})

describe('an urgent report', () => {
  it('is on disk once it is acknowledged, also if the node is killed then', async () => {
    const at = makeFolder()
    const node = await startEdge({ OUTRIDER_INSECURE: '1' }, at)
    const vehicle = await TestVehicle.join(node.url)
    const numbers = [1, 2, 3, 4, 5]
    for (const number of numbers) vehicle.drive('urgent', number, [{ eastM: number, northM: number, speedMps: 1, flags: [1] }])
    await vehicle.next('reportAck', ({ through }) => through === numbers.length)
    node.process.kill('SIGKILL')
    await node.ended
    // Opened as the next process would: a reader beside it believes the watermark alone, which is written after the acknowledgement.
    const spool = createSpool({
      folder: path.join(at.folder, 'data', 'urgent'),
      files: nodeFiles,
      clock: nodeClock,
      randomUint32: () => 1,
    })
    const { firstSequence } = await spool.start()
    const found: number[] = []
    for await (const item of spool.read({ from: firstSequence })) {
      if (!('bytes' in item)) continue
      const { report } = outrider.v1.Record.decode(item.bytes)
      if (report?.report?.number != null) found.push(report.report.number)
    }
    await spool.stop()
    expect(found).toEqual(numbers)
  })
})
