import { createFrame } from '@outrider/geo'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDetectionPolicy } from './detection-policy.js'
import { frame, placeAt } from './test-scene.js'
import { createTrackTable } from './track-table.js'
import { restoreUsual, usualToBytes } from './usual-bytes.js'
import { createUsualCells, entryWords, words } from './usual-cells.js'
import { createUsualTraffic } from './usual-traffic.js'

function createStreet(given: Parameters<typeof createDetectionPolicy>[0] = {}, rows = 16, inFrame = frame) {
  const tracks = createTrackTable(rows)
  const usual = createUsualTraffic({ frame: inFrame, tracks, policy: createDetectionPolicy(given) })
  const see = (row: number, atMs: number, eastM: number, northM: number, speedMps: number, courseDeg = 0): void => {
    const { x, y } = placeAt(eastM, northM)
    tracks.x[row] = x
    tracks.y[row] = y
    tracks.atMs[row] = atMs
    tracks.speedMps[row] = speedMps
    tracks.courseDeg[row] = courseDeg
    if (speedMps >= 0.5) tracks.standingSinceMs[row] = Number.NaN
    else if (Number.isNaN(tracks.standingSinceMs[row]!)) {
      tracks.standingSinceMs[row] = atMs
      tracks.standX[row] = x
      tracks.standY[row] = y
      tracks.standCourseDeg[row] = courseDeg
    }
    usual.learn(row)
  }
  return {
    tracks,
    usual,
    see,
    /** Drives north from -200 m to 200 m at an offset, standing at 0 for so long. */
    drive(row: number, fromMs: number, eastM: number, standS = 0, speedMps = 10) {
      let atMs = fromMs
      for (let northM = -200; northM <= 200; northM += speedMps) {
        see(row, atMs, eastM, northM, speedMps)
        if (northM === 0) {
          for (let second = 1; second <= standS; second++) see(row, atMs + second * 1_000, eastM, northM, 0)
          atMs += standS * 1_000
        }
        atMs += 1_000
      }
    },
  }
}

describe('what is usual', () => {
  const here = placeAt(0, 0)

  it('is how many drive there, on which course, how fast and where in the cell', () => {
    const { usual, drive } = createStreet()
    for (let n = 0; n < 40; n++) drive(n % 8, n * 100_000, 0)
    expect(usual.visitsOf(here.x, here.y, 0)).toBe(40)
    expect(usual.visitsOf(here.x, here.y, 180)).toBe(0)
    expect(usual.usualCourseOf(here.x, here.y, 20)).toBeCloseTo(0)
    expect(usual.freeFlowOf(here.x, here.y, 0)).toBeCloseTo(10, 0)
    expect(usual.drivenOf(here.x, here.y, 0)).toBe(40)
    const kerb = placeAt(3, 0)
    expect(usual.drivenOf(kerb.x, kerb.y, 0)).toBe(0)
  })

  it('counts a vehicle once in a cell, at whatever rate it reports', () => {
    const { usual, see } = createStreet()
    for (let at = 0; at < 100; at++) see(0, at * 100, 0, at * 0.1, 1)
    const cells = usual.cells.size
    expect(cells).toBeLessThanOrEqual(2)
    expect(usual.visitsOf(here.x, here.y, 0)).toBe(1)
  })

  it('is how long vehicles stand: two and one in fifty make it usual, one does not', () => {
    const { usual, drive } = createStreet()
    drive(0, 0, 0, 50)
    expect(usual.standingOf(here.x, here.y, 0)).toMatchObject({ stands: 1, longestS: 0 })
    drive(1, 1_000_000, 0, 50)
    expect(usual.standingOf(here.x, here.y, 0)).toMatchObject({ stands: 2, longestS: 60 })
    drive(2, 2_000_000, 0, 700)
    expect(usual.standingOf(here.x, here.y, 0).longestS).toBe(60)
    drive(3, 3_000_000, 0, 700)
    expect(usual.standingOf(here.x, here.y, 0).longestS).toBe(Number.POSITIVE_INFINITY)
    expect(usual.standingOf(here.x, here.y, 180)).toMatchObject({ stands: 0 })
  })

  it('is not what a hazard does, nor what a distrusted sender says', () => {
    const { usual, tracks, see, drive } = createStreet()
    see(0, 0, 0, 0, 5)
    for (let second = 1; second < 200; second++) {
      if (second === 20) tracks.subjectOf[0] = 1
      see(0, second * 1_000, 0, 5, 0)
    }
    tracks.subjectOf[0] = 0
    see(0, 300_000, 0, 10, 5)
    expect(usual.standingOf(here.x, here.y, 0).stands).toBe(0)
    tracks.distrust[1] = 10
    drive(1, 0, 100)
    const there = placeAt(100, 0)
    expect(usual.visitsOf(there.x, there.y, 0)).toBe(0)
  })

  it('counts the standing of a vehicle that goes away without driving on', () => {
    const { usual, see } = createStreet()
    see(0, 0, 0, 0, 5)
    for (let second = 1; second < 20; second++) see(0, second * 1_000, 0, 1, 0)
    usual.forgetRow(0)
    expect(usual.standingOf(here.x, here.y, 0).stands).toBe(1)
  })

  it('halves within the half-life, and is forgotten', () => {
    const { usual, drive } = createStreet({ usualHalfLifeDays: 1 })
    for (let n = 0; n < 40; n++) drive(n % 8, n * 100_000, 0)
    usual.tick(0)
    for (let hour = 1; hour <= 24; hour++) usual.tick(hour * 3_600_000)
    expect(usual.visitsOf(here.x, here.y, 0)).toBeCloseTo(20, 0)
    usual.tick(30 * 86_400_000)
    expect(usual.cells.size).toBe(0)
    expect(usual.visitsOf(here.x, here.y, 0)).toBe(0)
  })

  it('survives as bytes, in a zone whose middle has moved too', () => {
    const { usual, drive } = createStreet()
    for (let n = 0; n < 10; n++) drive(n % 8, n * 1_000_000, 0, n < 4 ? 40 : 0)
    const bytes = usualToBytes(usual, 1_000)
    const moved = createFrame(frame.originLatitudeE7 + 1_234_567, frame.originLongitudeE7 - 7_654_321)
    const other = createStreet({}, 16, moved).usual
    expect(restoreUsual(other, bytes)).toEqual({ outcome: 'restored', cells: usual.cells.size })
    const [x, y] = [here.x + 7_654_321, here.y - 1_234_567]
    expect(other.visitsOf(x, y, 0)).toBe(10)
    expect(other.standingOf(x, y, 0)).toEqual(usual.standingOf(here.x, here.y, 0))
    expect(usualToBytes(other, 5_000)).toEqual(bytes)
  })

  it('refuses bytes that are not whole, of other cells, or too many', () => {
    const { usual, drive } = createStreet()
    drive(0, 0, 0)
    const bytes = usualToBytes(usual, 0)
    const into = createStreet().usual
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const broken = Uint8Array.from(bytes)
        broken[at]! ^= by
        expect(restoreUsual(into, broken)).toEqual({ outcome: 'refused', reason: 'damaged' })
        expect(restoreUsual(into, bytes.subarray(0, at))).toEqual({ outcome: 'refused', reason: 'damaged' })
      }),
    )
    expect(into.cells.size).toBe(0)
    expect(restoreUsual(createStreet({}, 16, createFrame(100_000_000, 0)).usual, bytes)).toMatchObject({ reason: 'other_cells' })
    const many = createStreet()
    for (let lane = 0; lane < 10; lane++) many.drive(0, lane * 100_000, lane * 100)
    expect(restoreUsual(createStreet({ usualCellsMax: 64 }).usual, usualToBytes(many.usual, 0))).toMatchObject({ reason: 'too_many' })
  })
})

describe('the cells', () => {
  it('find what was taken, and nothing else, as a map does; the most visited stay when they overflow', () => {
    const key = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 400 }))
    fc.assert(
      fc.property(fc.array(key, { maxLength: 400 }), keys => {
        const cells = createUsualCells(frame, 64)
        const model = new Map<string, number>()
        for (const [column, rowSector] of keys) {
          const entry = cells.take(column, rowSector, 0, 1)
          cells.floats[entry * entryWords + words.visits]!++
          model.set(`${column} ${rowSector}`, (model.get(`${column} ${rowSector}`) ?? 0) + 1)
          expect(cells.find(column, rowSector)).toBe(entry)
          expect(cells.size).toBeLessThanOrEqual(64)
        }
        if (model.size > 64) return
        for (const [name, visits] of model) {
          const [column, rowSector] = name.split(' ').map(Number) as [number, number]
          expect(cells.floats[cells.find(column, rowSector) * entryWords + words.visits]).toBe(visits)
        }
        expect(cells.size).toBe(model.size)
        expect(cells.find(99, 3)).toBe(-1)
      }),
    )
    const cells = createUsualCells(frame, 64)
    const visit = (column: number, visits: number): void => {
      cells.floats[cells.take(column, 0, 0, 1) * entryWords + words.visits] = visits
    }
    for (let n = 0; n < 64; n++) visit(n, n < 8 ? 1 : 5)
    visit(100, 1)
    expect(cells.size).toBe(57)
    for (let n = 0; n < 64; n++) expect(cells.find(n, 0) >= 0).toBe(n >= 8)
  })
})
