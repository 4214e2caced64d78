import { createAlertRegistry } from '@outrider/alerts'
import { type CompiledArea, compileArea, createFrame } from '@outrider/geo'
import { outrider } from '@outrider/protocol'
import { expect, it } from 'vitest'
import { createRevisionDesk } from './revision-desk.js'

const { IssuerRole, RevisionResult } = outrider.v1
const at = { latitudeE7: 535_500_000, longitudeE7: 99_900_000 }
const frame = createFrame(at.latitudeE7, at.longitudeE7)
const content = {
  status: outrider.v1.AlertStatus.ALERT_STATUS_ACTUAL,
  cause: { code: 99, subCause: 1 },
  eventPosition: at,
  area: { circle: { center: at, radiusCm: 5_000 } },
  issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
  priority: outrider.v1.Priority.PRIORITY_WARNING,
}

/** A desk over a registry with one alert of its own. */
function setUp(whenRecorded: () => Promise<void> = async () => {}) {
  const now = { monotonicMs: 1_000, wallMs: 1_790_000_000_000 }
  const registry = createAlertRegistry<CompiledArea>({
    node: 'edge-1',
    boot: 7,
    compileArea(area) {
      const compiled = compileArea(area, frame, '')
      return compiled.ok ? compiled : { ok: false, problem: { field: 'area', message: compiled.problems[0].text } }
    },
  })
  const issued = registry.issue({ content, validityMs: 60_000, renewable: true }, now)
  if (issued.outcome !== 'changed') throw new Error('not issued')
  const { id, key } = issued.changes[0]!.entry
  let written = 0
  const desk = createRevisionDesk({
    zone: { registry, revise: (alertKey, draft, expected) => registry.revise(alertKey, draft, now, expected) },
    monotonicMs: () => now.monotonicMs,
    whenRecorded,
    onWritten: () => written++,
  })
  const request = (more: outrider.v1.RevisionRequest.$Properties = {}): outrider.v1.RevisionRequest.$Properties => ({
    requestId: 'r1',
    alert: { ...content, id, issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR, informationQuality: 7 },
    expectedRevision: 1,
    validityMs: 30_000,
    askedBy: IssuerRole.ISSUER_ROLE_OPERATOR,
    ...more,
  })
  return { desk, registry, id, key, now, request, written: () => written }
}

it('writes what is asked and answers with the alert as it stands', async () => {
  const { desk, registry, key, request, written } = setUp()
  const reply = await desk.answer(request())
  expect(reply).toMatchObject({ requestId: 'r1', result: RevisionResult.REVISION_RESULT_WRITTEN })
  expect(reply?.alert).toMatchObject({ remainingMs: 30_000, alert: { revision: 2, informationQuality: 7 } })
  expect([registry.get(key)?.revision, written()]).toEqual([2, 1])
})

it('knows a request again, and tells others that they are late', async () => {
  const { desk, registry, key, request } = setUp()
  await desk.answer(request())
  expect(await desk.answer(request())).toMatchObject({ result: RevisionResult.REVISION_RESULT_WRITTEN, alert: { alert: { revision: 2 } } })
  expect(await desk.answer(request({ requestId: 'r2' }))).toMatchObject({ result: RevisionResult.REVISION_RESULT_CONFLICT })
  expect(registry.get(key)?.revision).toBe(2)
})

it('answers only when it is durable, and not at all if it never will be', async () => {
  const kept = withResolvers()
  const { desk, request } = setUp(() => kept.promise)
  let answered = false
  const answering = desk.answer(request()).then(reply => {
    answered = true
    return reply
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(answered).toBe(false)
  kept.resolve()
  expect(await answering).toBeDefined()
  const broken = setUp(() => Promise.reject(new Error('the log failed')))
  expect(await broken.desk.answer(broken.request())).toBeUndefined()
})

it('refuses who may not, what is not its own, what is over and what is not valid', async () => {
  const { desk, registry, id, key, now, request } = setUp()
  const resultOf = async (more: outrider.v1.RevisionRequest.$Properties) => (await desk.answer(request(more)))?.result
  expect(await resultOf({ askedBy: IssuerRole.ISSUER_ROLE_DETECTED })).toBe(RevisionResult.REVISION_RESULT_FORBIDDEN)
  expect(await resultOf({ requestId: '' })).toBe(RevisionResult.REVISION_RESULT_INVALID)
  expect(await resultOf({ alert: content })).toBe(RevisionResult.REVISION_RESULT_INVALID)
  expect(await resultOf({ alert: { ...content, id: { ...id, boot: 8 } } })).toBe(RevisionResult.REVISION_RESULT_UNKNOWN)
  const openArea = { ...content, id, area: { polygons: { polygons: [] } } }
  expect(await desk.answer(request({ alert: openArea }))).toMatchObject({
    result: RevisionResult.REVISION_RESULT_INVALID,
    problem: expect.stringContaining('area'),
  })
  registry.end(key, { reason: outrider.v1.EndReason.END_REASON_RESOLVED, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }, now)
  expect(await resultOf({})).toBe(RevisionResult.REVISION_RESULT_ENDED)
})

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
