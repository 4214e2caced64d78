// The presentation policy in a vehicle that drives: one road north through `place`, hazards on it, what the driver is told.
import type { outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import { describe, expect, test } from 'vitest'
import { createPresentationPolicy, presentationDefaults } from './presentation-policy.js'
import { acks, messages, setUp } from './simulated-drive.fixture.js'
import { alertId, makeAlert } from './simulated-world.fixture.js'

const { EndReason, EndScope, Priority } = outrider.v1
const metresPerDegree = 111_195
const priorities = {
  information: Priority.PRIORITY_INFORMATION,
  warning: Priority.PRIORITY_WARNING,
  imminent: Priority.PRIORITY_IMMINENT,
}

function drive() {
  const { core, time, home, vehicle } = setUp({ policy: createPresentationPolicy(presentationDefaults) })
  let north = 0
  const latitude = (metres: number) => 53.55 + metres / metresPerDegree
  const report = (speedMps: number) => core.report({ latitude: latitude(north), longitude: 9.99, speedMps, headingDeg: 0 })
  time.run(1_000)
  report(0)
  return {
    core,
    time,
    home,
    vehicle,
    /** Drives north, a report a second. */
    go(metres: number, speedMps = 20) {
      for (const end = north + metres; north < end; ) {
        north = Math.min(end, north + speedMps)
        time.run(1_000)
        report(speedMps)
      }
    },
    push(
      sequence: number,
      metres: number,
      priority: keyof typeof priorities,
      more: wire.v1.Alert.$Properties = {},
      timeToHazardMs?: number,
    ) {
      const eventPosition = { latitudeE7: Math.round(latitude(metres) * 1e7), longitudeE7: 99_900_000 }
      const alert = makeAlert(sequence, { eventPosition, priority: priorities[priority], ...more })
      home.sockets[0]!.send('alert', { alert, remainingMs: 3_600_000, ...(timeToHazardMs === undefined ? {} : { timeToHazardMs }) })
      time.run(30)
    },
    end(sequence: number) {
      home.sockets[0]!.send('end', { alertId: alertId(sequence), scope: EndScope.END_SCOPE_ENDED, reason: EndReason.END_REASON_RESOLVED })
      time.run(30)
    },
    /** Takes all that is to be told, and shows it. */
    told() {
      const list: string[] = []
      for (let handle = core.takeAlert(); handle !== undefined; handle = core.takeAlert()) {
        list.push(`${handle.entry.id.sequence}/${handle.entry.revision}${handle.isAudible ? ' heard' : ''}`)
        core.shown(handle)
      }
      return list
    },
    ends() {
      const list: string[] = []
      for (let end = core.takeEnd(); end !== undefined; end = core.takeEnd()) {
        list.push(`${end.handle.entry.id.sequence} ${end.isToBeTold ? 'told' : 'silent'}`)
      }
      return list
    },
  }
}

describe('one hazard of a family within 300 m', () => {
  test('is told once; the other is acknowledged as taken, not as shown', () => {
    const { push, told, time, home } = drive()
    push(1, 1_000, 'warning', { cause: { code: 94 } })
    push(2, 1_290, 'warning', { cause: { code: 91 } })
    push(3, 1_310, 'warning', { cause: { code: 91 } })
    push(4, 1_000, 'warning', { cause: { code: 27 } })
    expect(told().map(text => text.split(' ')[0])).toEqual(['1/1', '3/1', '4/1'])
    time.run(100)
    expect(acks(home).filter(text => text.startsWith('2/'))).toEqual(['2/1 received', '2/1 taken'])
  })

  test('goes on as the other when it ends, and is over with the last', () => {
    const { core, push, told, end, ends } = drive()
    push(1, 1_000, 'warning')
    push(2, 1_100, 'warning')
    const first = core.takeAlert()!
    expect(core.takeAlert()).toBeUndefined()
    core.shown(first)
    end(1)
    expect([ends(), told(), first.isActive, first.entry.id.sequence]).toEqual([[], [], true, 2])
    end(2)
    expect([ends(), first.isActive]).toEqual([['2 told'], false])
  })

  test('is told again, as the same object, when the other is more urgent', () => {
    const { core, push } = drive()
    push(1, 1_000, 'warning')
    const first = core.takeAlert()!
    push(2, 1_100, 'imminent')
    expect(core.takeAlert()).toBe(first)
    expect([first.entry.id.sequence, first.isAudible]).toEqual([2, true])
    push(3, 1_050, 'imminent')
    expect(core.takeAlert()).toBeUndefined()
  })

  test('that is behind does not silence an imminent one ahead', () => {
    const { push, told, go } = drive()
    push(1, 100, 'imminent')
    expect(told()).toEqual(['1/1 heard'])
    go(200)
    push(2, 390, 'imminent')
    expect(told()).toEqual(['2/1 heard'])
  })
})

test('a sound comes once in ten seconds at most, unless it is imminent; what is silent is told all the same', () => {
  const { push, told, time } = drive()
  push(1, 1_000, 'warning')
  push(2, 2_000, 'warning')
  expect(told()).toEqual(['1/1 heard', '2/1'])
  push(3, 3_000, 'imminent')
  expect(told()).toEqual(['3/1 heard'])
  time.run(9_800)
  push(4, 4_000, 'warning')
  expect(told()).toEqual(['4/1'])
  time.run(300)
  push(5, 5_000, 'warning')
  expect(told()).toEqual(['5/1 heard'])
})

describe('information', () => {
  test('waits until it is two minutes ahead by the own speed', () => {
    const { push, told, go } = drive()
    push(1, 4_000, 'information')
    go(1_500)
    expect(told()).toEqual([])
    go(120)
    expect(told()).toEqual(['1/1 heard'])
  })

  test('or by the node’s reckoning, without a report in between', () => {
    const { core, push, told, time, home } = drive()
    push(1, 90_000, 'information', {}, 150_000)
    expect(told()).toEqual([])
    time.run(30_100)
    expect(told()).toEqual(['1/1 heard'])
    expect(core.stats).toMatchObject({ taken: 1, raised: 0 })
    expect(acks(home)).toContain('1/1 taken')
  })

  test('waits while something imminent is ahead, and comes when that is passed or over', () => {
    for (const how of ['passed', 'over'] as const) {
      const { push, told, go, end } = drive()
      push(1, 200, 'imminent')
      push(2, 1_000, 'information', {}, 60_000)
      expect(told()).toEqual(['1/1 heard'])
      if (how === 'passed') go(280)
      else end(1)
      expect(told().map(text => text.split(' ')[0])).toEqual(['2/1'])
    }
  })

  test('inside its area it is told at once; passed untold, never', () => {
    const { push, told, go } = drive()
    push(1, 50, 'imminent')
    push(2, 60, 'information', { cause: { code: 18 } })
    expect(told()).toEqual(['1/1 heard'])
    go(300)
    expect(told()).toEqual([])
    const center = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
    push(3, 0, 'information', { cause: { code: 18 }, area: { circle: { center, radiusCm: 100_000 } }, eventPosition: center })
    expect(told().map(text => text.split(' ')[0])).toEqual(['3/1'])
  })
})

test('revisions are silent unless the priority rises above what was told', () => {
  const { core, push, told } = drive()
  push(1, 1_000, 'warning')
  expect(told()).toEqual(['1/1 heard'])
  push(1, 1_000, 'warning', { revision: 2 })
  push(1, 1_000, 'information', { revision: 3 })
  push(1, 1_000, 'warning', { revision: 4 })
  expect(told()).toEqual([])
  push(1, 1_000, 'imminent', { revision: 5 })
  expect(told()).toEqual(['1/5 heard'])
  expect(core.stats).toMatchObject({ taken: 1, raised: 1, shown: 2 })
  push(1, 1_000, 'imminent', { revision: 6 })
  expect(told()).toEqual([])
})

test('an end is told to who was shown it and has not passed; what was never told ends without a trace', () => {
  const { core, push, told, end, ends, go } = drive()
  push(1, 100, 'warning', { cause: { code: 94 } })
  push(2, 3_000, 'warning', { cause: { code: 27 } })
  told()
  push(3, 3_000, 'warning', { cause: { code: 10 } })
  core.takeAlert()
  push(4, 9_000, 'information', { cause: { code: 3 } })
  told()
  go(200)
  for (const sequence of [1, 2, 3, 4]) end(sequence)
  expect(ends()).toEqual(['1 silent', '2 told', '3 silent'])
})

describe('a question', () => {
  test('comes after passing what was shown, once in ten minutes, and its answer is a verdict', () => {
    const { core, push, told, go, time, home } = drive()
    for (const [sequence, metres, code] of [
      [1, 100, 94],
      [2, 500, 27],
      [3, 14_500, 10],
    ] as const) {
      push(sequence, metres, 'warning', { cause: { code } })
    }
    expect(told()).toHaveLength(3)
    go(120)
    expect(core.takeQuestion(), 'not yet passed').toBeUndefined()
    go(60)
    const asked = core.takeQuestion()!
    expect(asked.entry.id.sequence).toBe(1)
    core.report({ verdicts: [{ alert: { id: asked.entry.key, revision: 1 }, verdict: 'gone' }] })
    go(500)
    expect(core.takeQuestion()).toBeUndefined()
    time.run(600_000)
    go(14_000)
    expect(core.takeQuestion()?.entry.id.sequence).toBe(3)
    const verdicts = messages(home, 'urgent').flatMap(report => report.verdicts)
    expect(new Set(verdicts.map(({ alertId: id }) => id?.sequence))).toEqual(new Set([1]))
  })

  test('is not put about what was not shown, nor about what was never near', () => {
    const { core, push, go } = drive()
    push(1, 100, 'warning')
    core.takeAlert()
    push(2, 200, 'warning', { cause: { code: 10 }, eventPosition: { latitudeE7: 535_500_000, longitudeE7: 99_930_000 } })
    core.shown(core.takeAlert()!)
    go(600)
    expect(core.takeQuestion()).toBeUndefined()
  })
})
