import { expect, test } from 'vitest'
import { acks, messages, place, setUp } from './simulated-drive.fixture.js'
import { latencyMs, makeAlert } from './simulated-world.fixture.js'

test('close flushes the batch and the acknowledgements, and leaves with a code', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  core.report({ ...place, flags: ['siren'] })
  core.report({ ...place, flags: ['esc'] })
  home.sockets[0]!.send('alert', { alert: makeAlert(1), remainingMs: 60_000 })
  time.run(latencyMs)
  core.takeAlert()
  core.report({ ...place, speedMps: 7 })
  let isDone = false
  core.close(() => {
    isDone = true
  })
  time.run(400)
  expect(isDone, 'the node may still say what became of the urgent report').toBe(false)
  time.run(200)
  expect(isDone).toBe(true)
  expect(acks(home)).toEqual(['1/1 received', '1/1 taken'])
  expect(messages(home, 'telemetry').at(-1)!.samples.at(-1)!.speedCmps).toBe(700)
  expect(home.sockets[0]!.isOpen).toBe(false)
  expect([...vehicle.urgentOutcomes.values()]).toEqual([{ kind: 'closed' }])
  time.run(600_000)
  expect(home.sockets).toHaveLength(1)
})

test('close leaves as soon as the node has said what became of the last urgent report', () => {
  const { core, time, home, vehicle } = setUp()
  time.run(1_000)
  core.report({ ...place, flags: ['airbag'] })
  let isDone = false
  core.close(() => {
    isDone = true
  })
  time.run(latencyMs)
  home.sockets[0]!.send('reportAck', { through: 1 })
  time.run(2 * latencyMs)
  expect(isDone).toBe(true)
  expect([...vehicle.urgentOutcomes.values()]).toEqual([{ kind: 'accepted' }])
  time.run(10_000)
  expect(home.sockets).toHaveLength(1)
})

test('close ends at once when the link breaks meanwhile, or when there is none', () => {
  for (const isUp of [true, false]) {
    const { core, time, home, vehicle } = setUp()
    if (isUp) time.run(1_000)
    core.report({ ...place, flags: ['airbag'] })
    let isDone = false
    core.close(() => {
      isDone = true
    })
    if (isUp) home.sockets[0]!.end()
    expect(isDone).toBe(true)
    expect([...vehicle.urgentOutcomes.values()]).toEqual([{ kind: 'closed' }])
    time.run(60_000)
    expect(home.sockets).toHaveLength(isUp ? 1 : 0)
  }
})
