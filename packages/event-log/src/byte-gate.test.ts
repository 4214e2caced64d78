import { expect, test } from 'vitest'
import { createByteGate } from './byte-gate.js'

test('room is given in the order of calls, a large entry is not overtaken, and none is refused for its size', async () => {
  const gate = createByteGate({ bytesMax: 10, waitingMax: 5, onWait: () => {} })
  const order: string[] = []
  const enter = (name: string, bytes: number, signal?: AbortSignal) => gate.enter(bytes, signal).then(() => order.push(name))
  await enter('a', 6)
  const waiting = [enter('b', 50), enter('c', 1), enter('d', 3)]
  await enter('never', 1, AbortSignal.abort()).catch(error => order.push(error.code))
  gate.leave(6)
  await waiting[0]
  expect(order).toEqual(['a', 'aborted', 'b'])
  gate.leave(50)
  await Promise.all(waiting)
  expect(order).toEqual(['a', 'aborted', 'b', 'c', 'd'])
})

test('whoever waits can leave the line, and the next one moves up', async () => {
  const gate = createByteGate({ bytesMax: 10, waitingMax: 5, onWait: () => {} })
  await gate.enter(8, undefined)
  const abort = new AbortController()
  const large = gate.enter(9, abort.signal)
  const small = gate.enter(2, undefined)
  abort.abort()
  await expect(large).rejects.toMatchObject({ code: 'aborted' })
  await small
})

test('over the limit of the line entries are refused; closing refuses all', async () => {
  const waits: number[] = []
  const gate = createByteGate({ bytesMax: 1, waitingMax: 2, onWait: waiting => waits.push(waiting) })
  await gate.enter(1, undefined)
  const line = [gate.enter(1, undefined), gate.enter(1, undefined)]
  await expect(gate.enter(1, undefined)).rejects.toMatchObject({ code: 'overloaded', retriable: true })
  expect(waits).toEqual([1, 2])
  gate.close()
  for (const each of [...line, gate.enter(1, undefined)]) await expect(each).rejects.toMatchObject({ code: 'stopped' })
})
