// A drive along a road with hazards that come, change and go, told by the policy and judged by rules written down once more, by what was
// said when and not by how.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AlertHandle } from './alert-entry.js'
import { createAlertStore } from './alert-store.js'
import { createDeliveryAcks } from './delivery-acks.js'
import { createPresentationPolicy, presentationDefaults } from './presentation-policy.js'
import { createPresenter } from './presenter.js'
import { readAlertPush } from './pushed-alert.js'
import { alertKey, makeAlert } from './simulated-world.fixture.js'

const metresPerDegree = 111_195
/** A road that runs north. */
const at = (metres: number) => ({ latitude: 50 + metres / metresPerDegree, longitude: 10 })
const families = [[2, 92], [91, 94], [1, 27], [99]]

interface Push {
  readonly do: 'push'
  readonly sequence: number
  readonly revision: number
  readonly priority: number
  readonly remainingMs: number
  readonly timeToHazardMs: number | undefined
}
/** What an alert is and where does not change; only its priority does. */
const causeOf = (sequence: number) => families[sequence % 4]![sequence % families[sequence % 4]!.length]!
const metresOf = (sequence: number) => (sequence * 61) % 1_900

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      sequence: fc.integer({ min: 1, max: 12 }),
      revision: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: 1, max: 3 }),
      remainingMs: fc.integer({ min: 1_000, max: 400_000 }),
      timeToHazardMs: fc.option(fc.integer({ min: 0, max: 300_000 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      sequence: fc.integer({ min: 1, max: 12 }),
      isForAll: fc.boolean(),
      reason: fc.constantFrom('resolved' as const, 'merged' as const, 'withdrawn' as const),
      into: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('drive' as const),
      metres: fc.integer({ min: 0, max: 200 }),
      ms: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('show' as const) }) },
)

test('what is told keeps the rules, and no warning is kept back', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), steps => {
      let nowMs = 1_000_000
      let metres = -200
      let speedMps: number | undefined
      const policy = createPresentationPolicy(presentationDefaults)
      const alerts = createAlertStore({
        acks: createDeliveryAcks(),
        wallMs: () => 0,
        queueMax: 32,
        takesPartInExercises: false,
        dropped: () => {},
        standIn: policy.standIn,
      })
      const tells: { key: string; revision: number; priority: number; isAudible: boolean; why: string; atMs: number }[] = []
      const handed: AlertHandle[] = []
      const asked: number[] = []
      /** Highest priority told, by the application's object. */
      const loudest = new Map<AlertHandle, number>()
      const presenter = createPresenter({
        policy,
        alerts,
        situation: () => ({ at: at(metres), speedMps }),
        told: ({ isAudible, why, hazard, insteadOf }) => {
          judge(hazard, why)
          const object = insteadOf ?? hazard
          const isLate = hazard.entry.priority === 3 && insteadOf?.entry.passing.isPassed === true
          if (!isLate) expect(hazard.entry.priority).toBeGreaterThan(loudest.get(object) ?? 0)
          loudest.set(object, Math.max(hazard.entry.priority, loudest.get(object) ?? 0))
          tells.push({
            key: hazard.entry.key,
            revision: hazard.entry.revision,
            priority: hazard.entry.priority,
            isAudible,
            why,
            atMs: nowMs,
          })
        },
      })
      const distanceTo = (handle: AlertHandle) => Math.abs(metresOf(handle.entry.id.sequence!) - metres)
      const isNear = (a: AlertHandle, b: AlertHandle) => {
        const [one, other] = [a.entry.id.sequence!, b.entry.id.sequence!]
        return one % 4 === other % 4 && Math.abs(metresOf(one) - metresOf(other)) <= 299
      }
      function judge(hazard: AlertHandle, why: string): void {
        const active = alerts.hazards()
        const told = active.filter(handle => handle.toldPriority !== undefined)
        if (hazard.entry.priority === 1) {
          const ownMs = speedMps === undefined ? Number.POSITIVE_INFINITY : (distanceTo(hazard) / speedMps) * 1_000
          expect(
            Math.min(hazard.entry.hazardAtMs - nowMs, ownMs, distanceTo(hazard) < 1 ? 0 : Number.POSITIVE_INFINITY),
          ).toBeLessThanOrEqual(120_000.5)
          expect(told.filter(handle => handle.entry.priority === 3 && !handle.entry.passing.isPassed)).toEqual([])
        }
        if (why === 'new') expect(told.filter(handle => handle !== hazard && isNear(handle, hazard))).toEqual([])
      }
      function drain(): void {
        for (let handle = presenter.next(nowMs); handle !== undefined; handle = presenter.next(nowMs)) handed.push(handle)
        const active = alerts.hazards()
        for (const hazard of active) {
          if (hazard.toldPriority !== undefined || hazard.entry.priority === 1) continue
          // Its object went on as another alert; the driver has heard of it.
          if (hazard.entry.toldRevision >= hazard.entry.revision) continue
          // A warning that is not told has one that stands for it.
          expect(active.some(other => other.toldPriority !== undefined && isNear(other, hazard))).toBe(true)
        }
      }
      let order = 0
      function push(given: Push): void {
        const { latitude, longitude } = at(metresOf(given.sequence))
        const eventPosition = { latitudeE7: Math.round(latitude * 1e7), longitudeE7: Math.round(longitude * 1e7) }
        const alert = makeAlert(given.sequence, {
          revision: given.revision,
          cause: { code: causeOf(given.sequence) },
          eventPosition,
          priority: given.priority,
        })
        const { remainingMs, timeToHazardMs = null } = given
        const reading = readAlertPush({ alert, remainingMs, timeToHazardMs, priority: 0 } as never, nowMs, 0, ++order)
        if (reading.kind === 'alert') alerts.push(reading.pushed, nowMs)
      }
      for (const given of steps) {
        if (given.do === 'push') push(given)
        else if (given.do === 'end') {
          const { isForAll, reason, into } = given
          alerts.end(
            { key: alertKey(given.sequence), isForAll, reason, mergedInto: into === undefined ? undefined : alertKey(into) },
            nowMs,
          )
        } else if (given.do === 'drive') {
          nowMs += given.ms
          metres += given.metres
          speedMps = given.metres / (given.ms / 1_000)
          if (speedMps < 1) speedMps = undefined
          alerts.expire(nowMs)
          presenter.moved(nowMs)
          const question = presenter.takeQuestion()
          if (question !== undefined) {
            expect([question.isShown, question.entry.passing.isPassed]).toEqual([true, true])
            asked.push(nowMs)
          }
        } else if (handed.length > 0) alerts.shown(handed.at(-1)!)
        for (let end = alerts.takeEnd(); end !== undefined; end = alerts.takeEnd()) {
          // Only what the application has got ends for it.
          expect(handed).toContain(end.handle)
          if (!end.handle.isShown) expect(end.isToBeTold).toBe(false)
          // Nor is it over while another alert says that the hazard is there.
          expect(alerts.hazards().filter(other => other.toldPriority === undefined && isNear(other, end.handle))).toEqual([])
        }
        drain()
      }
      const sounds = tells.filter(tell => tell.isAudible)
      for (let index = 1; index < sounds.length; index++) {
        const [before, sound] = [sounds[index - 1]!, sounds[index]!]
        expect(sound.priority === 3 || sound.atMs - before.atMs >= 10_000).toBe(true)
      }
      expect(tells.filter(tell => tell.priority === 3 && !tell.isAudible)).toEqual([])
      const revisions = tells.map(tell => `${tell.key} ${tell.revision}`)
      expect(new Set(revisions).size).toBe(revisions.length)
      for (let index = 1; index < asked.length; index++) expect(asked[index]! - asked[index - 1]!).toBeGreaterThanOrEqual(600_000)
    }),
    { numRuns: 1_000 },
  )
})
