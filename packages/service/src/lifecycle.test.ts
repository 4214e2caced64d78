import { expect, test } from 'vitest'
import { createLifecycle, type LifecycleEvent, type LifecycleStep } from './lifecycle.js'

function createWorld(names: { start: string[]; stop: string[]; failing?: string; hanging?: string }, stopWithinMs = 10_000) {
  const ran: string[] = []
  const events: LifecycleEvent[] = []
  const step = (name: string): LifecycleStep => ({
    name,
    async run() {
      ran.push(name)
      if (name === names.failing) throw new Error(`${name} fails`)
      if (name === names.hanging) await new Promise(() => {})
    },
  })
  const lifecycle = createLifecycle({
    start: names.start.map(step),
    stop: names.stop.map(step),
    stopWithinMs,
    onEvent: event => events.push(event),
  })
  return { lifecycle, ran, events }
}

test('both lists run in their order, the stop list once', async () => {
  const { lifecycle, ran } = createWorld({ start: ['a', 'b'], stop: ['c', 'd'] })
  await lifecycle.start()
  expect(await Promise.all([lifecycle.stop(), lifecycle.stop()])).toEqual([true, true])
  expect(ran).toEqual(['a', 'b', 'c', 'd'])
})

test('a start that fails runs the stop list and gives its error', async () => {
  const { lifecycle, ran, events } = createWorld({ start: ['a', 'b', 'c'], stop: ['x', 'y'], failing: 'b' })
  await expect(lifecycle.start()).rejects.toThrow('b fails')
  expect(ran).toEqual(['a', 'b', 'x', 'y'])
  expect(events.find(({ event }) => event === 'step_failed')).toMatchObject({ list: 'start', step: 'b' })
})

test('a step of the stop list that fails does not keep the others from running', async () => {
  const { lifecycle, ran } = createWorld({ start: [], stop: ['x', 'y', 'z'], failing: 'y' })
  expect(await lifecycle.stop()).toBe(false)
  expect(ran).toEqual(['x', 'y', 'z'])
})

test('a step that hangs is named when the deadline comes', async () => {
  const { lifecycle, events } = createWorld({ start: [], stop: ['x', 'y'], hanging: 'x' }, 20)
  expect(await lifecycle.stop()).toBe(false)
  expect(events).toContainEqual({ event: 'stop_overdue', step: 'x' })
})
