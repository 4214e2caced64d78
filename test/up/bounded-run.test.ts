// `outrider up --for … --json`: every tier a process, real sockets between them, and proof from central's store.
import { afterEach, expect, test } from 'vitest'
import { clearUp, makeFolder, startUp } from './up-process.js'

afterEach(clearUp)

test('a bounded run proves that alerts reached vehicles and that all that was accepted is at central; the next goes on with its data', {
  timeout: 400_000,
}, async () => {
  const folder = await makeFolder()
  for (const seed of ['1', '2']) {
    const up = startUp('--for', '20s', '--json', '--vehicles', '60', '--hazard-every', '1', '--seed', seed, '--data', folder)
    expect({ seed, code: await up.ended, errors: up.err() }).toMatchObject({ code: 0 })
    const lines = up.out().trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    const result = JSON.parse(lines[0]!)
    expect(Object.keys(result)).toEqual([
      'reportsAccepted',
      'recordsAtCentral',
      'duplicatesAtCentral',
      'repeatsDropped',
      'alertsIssued',
      'deliveriesTargeted',
      'deliveriesAcknowledged',
      'reportToAlertMs',
    ])
    // 60 vehicles at about one report a second, more near hazards: what is at central is of this run, not of the one before.
    expect(result.reportsAccepted).toBeGreaterThan(100)
    expect(result.recordsAtCentral).toBeGreaterThanOrEqual(result.reportsAccepted)
    expect(result.recordsAtCentral).toBeLessThan(1.5 * result.reportsAccepted)
    expect(result).toMatchObject({ duplicatesAtCentral: 0 })
    expect(result.alertsIssued).toBeGreaterThan(0)
    expect(result.deliveriesAcknowledged).toBeGreaterThan(0)
    expect(result.deliveriesTargeted).toBeGreaterThanOrEqual(result.deliveriesAcknowledged)
    // What its vehicles had on their screens was targeted in this run, also where the run before had targeted the same.
    const shown = [...up.err().matchAll(/, (\d[\d\s]*) shown/g)].map(([, count]) => Number(count!.replaceAll(/\D/g, '')))
    expect(shown.length).toBeGreaterThan(0)
    expect(result.deliveriesTargeted).toBeGreaterThanOrEqual(Math.max(...shown))
    if (result.reportToAlertMs !== null) {
      const { p50, p99, max } = result.reportToAlertMs
      expect(p50).toBeGreaterThan(0)
      expect(p99).toBeGreaterThanOrEqual(p50)
      expect(max).toBeGreaterThanOrEqual(p99)
    }
  }
})

test('a run that warned nobody ends with 1 and says what is missing', { timeout: 200_000 }, async () => {
  const up = startUp('--for', '3s', '--json', '--vehicles', '5', '--hazard-every', '0', '--data', await makeFolder())
  expect(await up.ended).toBe(1)
  expect(JSON.parse(up.out())).toMatchObject({ deliveriesAcknowledged: 0, duplicatesAtCentral: 0, reportToAlertMs: null })
  expect(up.err()).toContain('no alert was acknowledged by a vehicle')
})
