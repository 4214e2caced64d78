import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { listenForSignals } from './up-signals.js'

function listen() {
  const source = new EventEmitter()
  let nowMs = 0
  const told: string[] = []
  const signals = listenForSignals(source as never, () => nowMs)
  const wait = (ms: number) => {
    nowMs += ms
  }
  return { source, told, signals, wait }
}

test('what comes at once is one press; a later one kills', () => {
  const { source, told, signals, wait } = listen()
  signals.onStop(() => told.push('stop'))
  signals.onKill(() => told.push('kill'))
  source.emit('SIGINT')
  wait(20)
  source.emit('SIGINT')
  source.emit('SIGTERM')
  expect(told).toEqual(['stop'])
  wait(600)
  source.emit('SIGINT')
  expect(told).toEqual(['stop', 'kill'])
})

test('a signal before anybody listens is not lost, and none is heard after the release', () => {
  const { source, told, signals } = listen()
  source.emit('SIGHUP')
  signals.onStop(() => told.push('stop'))
  expect(told).toEqual(['stop'])
  signals.release()
  expect(source.eventNames()).toEqual([])
})
