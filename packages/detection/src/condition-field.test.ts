import { createReportRecord } from '@outrider/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionKeptMs, createConditionField, sourcesPerCell } from './condition-field.js'
import { frame, placeAt } from './test-scene.js'

const report = createReportRecord()
const vehicle = (link: string) => ({ links: [{ day: 20_000, link }] })

function fieldOf(cellsMax?: number) {
  const field = createConditionField({ frame, rows: 1_000, ...(cellsMax === undefined ? {} : { cellsMax }) })
  return {
    ...field,
    say(row: number, link: string, friction: number, atMs: number, eastM = 10, northM = 10) {
      report.values.fill(Number.NaN)
      report.flags.fill(0)
      report.friction[0] = friction
      const { x, y } = placeAt(eastM, northM)
      field.note(row, vehicle(link), report, 0, x, y, atMs)
    },
    here: (nowMs: number) => field.at(placeAt(10, 10).x, placeAt(10, 10).y, nowMs),
  }
}

describe('field of conditions', () => {
  it('is not moved past what honest vehicles say by one who lies', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.7, max: 0.9, noNaN: true }), { minLength: 2, maxLength: 7 }),
        fc.constantFrom(0, 1),
        (honest, lie) => {
          const field = fieldOf()
          for (const [row, friction] of honest.entries()) field.say(row, `honest ${row}`, friction, 1_000)
          field.say(99, 'liar', lie, 1_000)
          const { friction } = field.here(1_000)!.values
          expect(friction!.median).toBeGreaterThanOrEqual(Math.min(...honest) - 1e-6)
          expect(friction!.median).toBeLessThanOrEqual(Math.max(...honest) + 1e-6)
          expect(friction!.sources).toBe(honest.length + 1)
        },
      ),
      { seed: 61, numRuns: 100 },
    )
  })
  it('counts a hundred names of one enrolment as one source, which pushes out nobody', () => {
    const field = fieldOf()
    for (const row of [0, 1, 2]) field.say(row, `honest ${row}`, 0.8, 1_000)
    for (let row = 100; row < 200; row++) field.say(row, 'one', 0.05, 1_000 + row)
    expect(field.here(2_000)).toMatchObject({ sources: 4, values: { friction: { sources: 4 } } })
    expect(field.here(2_000)!.values.friction!.median).toBeCloseTo(0.8)
  })
  it('keeps the newest of too many, and the slipperiest of one stay', () => {
    const field = fieldOf()
    for (let row = 0; row < 20; row++) field.say(row, `v ${row}`, row < 12 ? 0.2 : 0.8, 1_000 + row)
    expect(field.here(2_000)).toMatchObject({ sources: sourcesPerCell, oldestAtMs: 1_012, newestAtMs: 1_019 })
    expect(field.here(2_000)!.values.friction).toMatchObject({ lowest: expect.closeTo(0.8), spread: expect.closeTo(0) })
    field.say(19, 'v 19', 0.1, 3_000)
    field.say(19, 'v 19', 0.8, 4_000)
    expect(field.here(4_000)!.values.friction!.lowest).toBeCloseTo(0.1)
  })
  it('forgets, and then has room again; what is full says so', () => {
    const field = fieldOf(2)
    for (const [row, eastM] of [0, 500, 1_000].entries()) field.say(row, `v ${row}`, 0.5, 1_000, eastM + 10)
    expect(field.counts()).toEqual({ cells: 2, refusedFull: 1 })
    expect(field.here(1_000 + conditionKeptMs + 1)).toBeUndefined()
    field.tick(1_000 + conditionKeptMs + 1)
    expect(field.counts().cells).toBe(0)
    field.say(2, 'v 2', 0.5, 700_000, 1_010)
    expect(field.here(700_000)).toBeUndefined()
  })
  it('tells each cell once in a while, in turn, if somebody spoke of it since', () => {
    const field = fieldOf()
    for (const row of [0, 1, 2]) field.say(row, `v ${row}`, 0.5, 1_000 + row, row * 500 + 10)
    expect(field.due(60_000, 60_000, 2)).toEqual([])
    expect(field.due(61_002, 60_000, 2)).toHaveLength(2)
    expect(field.due(61_002, 60_000, 2)).toHaveLength(1)
    field.say(1, 'v 1', 0.4, 90_000, 510)
    expect(field.due(121_002, 60_000, 4)).toMatchObject([{ newestAtMs: 90_000 }])
  })
  it('knows its cells on all sides of the middle', () => {
    const field = fieldOf()
    for (const [row, [eastM, northM]] of (
      [
        [900, 900],
        [-900, 900],
        [900, -900],
        [-900, -900],
      ] as const
    ).entries()) {
      field.say(row, `v ${row}`, 0.5, 1_000, eastM, northM)
      const { x, y } = placeAt(eastM, northM)
      const cell = field.at(x, y, 1_000)!
      expect(Math.abs(cell.y - y)).toBeLessThanOrEqual(placeAt(0, 101).y)
      expect(Math.abs(cell.x - x)).toBeLessThanOrEqual(placeAt(101, 0).x)
    }
    expect(field.counts().cells).toBe(4)
  })
})
