import { expect, test } from 'vitest'
import { noReadings, type Readings } from './readings.js'
import { coloured, milliseconds, plain, statusBlock, statusLine } from './status-text.js'

const much: Readings = {
  vehicles: 20_000,
  samplesPerSecond: 200_000,
  reportsRefused: undefined,
  activeAlerts: 12_345,
  alertsShown: 1_234_567,
  reportToAlertMs: { p50: 1.234, p99: 21.7, max: 123.4 },
  uplinkLag: 1_234_567,
  eventLogLag: 0,
  recordsAtCentral: 12_345_678_901,
}
const head = { upMs: 3_723_000, forMs: undefined, phase: 'vehicles connect' }
const places = [['central', 'http://127.0.0.1:65535/v1/alerts']] as const
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours are what is looked for.
const visible = (line: string) => line.replace(/\x1b\[\d+m/g, '')

test.each([noReadings, much])('the block fits into 80 columns, and colours change no letter of it', readings => {
  const lines = statusBlock(head, readings, places, plain)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(79)
  expect(statusBlock(head, readings, places, coloured).map(visible)).toEqual(lines)
})

test('figures stand under each other, and a value that is not known is not shown as zero', () => {
  const known = statusBlock(head, much, places, plain)
  const unknown = statusBlock(head, noReadings, places, plain)
  const columnOf = (lines: readonly string[], name: string) => lines.find(line => line.includes(name))?.indexOf(name)
  for (const name of ['samples/s', 'alerts shown', 'event log lag']) expect(columnOf(known, name)).toBe(columnOf(unknown, name))
  expect(unknown.join('\n')).not.toContain('0 ')
  expect(known.join('\n')).toContain('12 345 678 901 records')
})

test('reports that were refused have a line, by reason, once there are any', () => {
  const many = { ...much, reportsRefused: { rate_exceeded: 1_234_567, time_implausible: 12_345, shed: 12, future: 1 } }
  const line = statusBlock(head, many, places, plain).find(text => text.includes('refused'))
  expect(line).toBe('  reports refused 1246925 (rate_exceeded 1234567, other 12358)')
  expect(statusBlock(head, { ...much, reportsRefused: { shed: 10, future: 2 } }, places, plain).join('\n')).toContain(
    '12 (shed 10, future 2)',
  )
  expect(statusLine(head, many)).toMatch(/, 1246925 \(rate_exceeded 1234567, .*\) reports refused$/)
  expect(statusBlock(head, { ...much, reportsRefused: {} }, places, plain).join('\n')).not.toContain('refused')
})

test('without a terminal it is one line', () => {
  expect(statusLine({ ...head, phase: 'running' }, much)).toBe(
    '1:02:03 running, 20 000 vehicles, 200 000 samples/s, 12 345 active alerts, 1 234 567 shown, report to alert p50 1.2 ms  p99 22 ms  max 123 ms, uplink lag 1 234 567, 12 345 678 901 records at central',
  )
})

test('milliseconds have two digits that count', () => {
  expect([0.04, 1.26, 9.96, 10, 99.5].map(milliseconds)).toEqual(['0.0', '1.3', '10.0', '10', '100'])
})
