import { expect, test } from 'vitest'
import { createLog } from './log.js'

function createLines(level: 'debug' | 'warn' | 'silent') {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ app: 'region', instance: 'r1', level, write: line => lines.push(JSON.parse(line)) })
  return { log, lines }
}

test('an event is one line with its fields, who wrote it, and when', () => {
  const { log, lines } = createLines('debug')
  log.warn('socket_closed', { reason: 'silent', afterMs: 3 })
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      app: 'region',
      instance: 'r1',
      reason: 'silent',
      afterMs: 3,
      event: 'socket_closed',
    },
  ])
})

test('an error is its name, code and message, not its stack', () => {
  const { log, lines } = createLines('debug')
  log.error('log_failed', { cause: Object.assign(new Error('no space', { cause: new Error('below') }), { code: 'ENOSPC' }) })
  expect(lines[0]?.cause).toEqual({ name: 'Error', code: 'ENOSPC', message: 'no space', cause: { name: 'Error', message: 'below' } })
})

test('what is below the level is not written', () => {
  const { log, lines } = createLines('warn')
  log.info('socket_opened')
  log.debug('socket_opened')
  expect(lines).toEqual([])
  const silent = createLines('silent')
  silent.log.error('log_failed')
  expect(silent.lines).toEqual([])
})
