// A test of the test: bugs put in on purpose, each of which the scorer has to find, in the run in which it finds nothing without them.
import { describe, expect, it } from 'vitest'
import type { Plant } from './delivery-world.js'
import { placeOff } from './earth.js'
import { runScenario, type Size } from './scenario.js'

const size: Size = { vehicles: 80, seconds: 40, nodes: 1, halfSideM: 700, alertsMax: 10 }
const seed = 5

interface Planted {
  readonly bug: string
  readonly plant: Plant
  /** Where it shows. */
  readonly shows: 'missed' | 'wrong' | RegExp
}

const planted: readonly Planted[] = [
  {
    bug: 'traffic in the wrong direction is warned',
    plant: { truth: truth => ({ ...truth, headingDeg: truth.headingDeg === undefined ? undefined : truth.headingDeg + 180 }) },
    shows: 'wrong',
  },
  {
    bug: 'traffic in the wrong direction is warned, so that the right one is not',
    plant: { truth: truth => ({ ...truth, headingDeg: truth.headingDeg === undefined ? undefined : truth.headingDeg + 180 }) },
    shows: 'missed',
  },
  {
    bug: 'an awareness distance half as long',
    plant: { truth: truth => ({ ...truth, awarenessM: truth.awarenessM * 2 }) },
    shows: 'missed',
  },
  {
    bug: 'an awareness distance twice as long',
    plant: { truth: truth => ({ ...truth, awarenessM: truth.awarenessM / 2 }) },
    shows: 'wrong',
  },
  {
    bug: 'a point of the history is forgotten',
    plant: { truth: truth => ({ ...truth, history: [...truth.history, placeOff(truth.event, 300, 300)] }) },
    shows: 'missed',
  },
  { bug: 'no hysteresis', plant: { policy: { withdrawM: 0, withdrawDeg: 0 } }, shows: /at its border/ },
  {
    bug: 'a resume forgets what is due',
    plant: { swallows: (type, sinceHelloMs, chance) => type === 'alert' && sinceHelloMs < 3_000 && chance.is(0.9) },
    shows: 'missed',
  },
  {
    bug: 'one alert in fifty is lost in the node',
    plant: { swallows: (type, _, chance) => type === 'alert' && chance.is(0.02) },
    shows: 'missed',
  },
  { bug: 'an end is not told', plant: { swallows: (type, _, chance) => type === 'end' && chance.is(0.1) }, shows: /not told/ },
  {
    bug: 'an acknowledgement is lost',
    plant: { ignores: (type, chance) => type === 'deliveryAck' && chance.is(0.05) },
    shows: /is still open/,
  },
  {
    bug: 'an alert is written twice',
    plant: { repeats: (type, chance) => type === 'alert' && chance.is(0.02) },
    shows: /twice on one socket/,
  },
  { bug: 'an end is told twice', plant: { repeats: (type, chance) => type === 'end' && chance.is(0.1) }, shows: /not sent since/ },
  { bug: 'a restart forgets what was open', plant: { forgets: true }, shows: /by its records/ },
]

describe('the scorer finds', () => {
  it('nothing where there is nothing', () => {
    const { verdict, counts } = runScenario(seed, size)
    expect([verdict.faults, verdict.missed, verdict.wrong]).toEqual([[], [], []])
    expect(verdict.must).toBeGreaterThan(50)
    expect(counts.crash).toBeGreaterThan(0)
  })

  it.each(planted)('$bug', ({ plant, shows }) => {
    const { verdict } = runScenario(seed, size, plant)
    if (shows === 'missed') expect(verdict.recall).toBeLessThan(1)
    else if (shows === 'wrong') expect(verdict.precision).toBeLessThan(0.99)
    else expect(verdict.faults.filter(fault => shows.test(fault))).not.toEqual([])
  })
})
