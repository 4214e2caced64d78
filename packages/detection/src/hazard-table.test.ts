import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDetectionPolicy } from './detection-policy.js'
import type { Evidence } from './evidence.js'
import type { Hazard } from './hazard.js'
import { createHazardTable, type HazardChange } from './hazard-table.js'
import { frame, placeAt } from './test-scene.js'

const policy = createDetectionPolicy()
const vehicles = Array.from({ length: 40 }, (_, index) => ({ links: [{ day: 20_000, link: `link ${index}` }] }))

function evidence(vehicle: number, more: Partial<Evidence> & { readonly northM?: number } = {}): Evidence {
  return {
    detector: 'own_report',
    cause: 10,
    subCause: 0,
    ...placeAt(0, more.northM ?? 0),
    uncertaintyM: 10,
    headingDeg: 0,
    alone: false,
    subject: false,
    row: vehicle,
    vehicle: vehicles[vehicle]!,
    atMs: 1_000,
    ...more,
  }
}

function hazardOf(change: HazardChange): Hazard {
  if (change.kind === 'none') throw new Error('no hazard')
  return change.hazard
}

describe('corroboration', () => {
  it('wants a second independent vehicle for what a driver says, and a third for traffic', () => {
    const table = createHazardTable({ frame, policy })
    expect(table.add(evidence(1), 0).kind).toBe('joined')
    expect(table.add(evidence(2), 0).kind).toBe('public')
    const kinds = [3, 4, 5].map(vehicle => table.add(evidence(vehicle, { cause: 1 }), 0).kind)
    expect(kinds).toEqual(['joined', 'joined', 'public'])
  })
  it('believes a sure finding alone', () => {
    expect(createHazardTable({ frame, policy }).add(evidence(1, { cause: 92, alone: true }), 0).kind).toBe('public')
  })
  it('is not impressed by one who repeats himself, nor by a hundred names of one enrolment', () => {
    const table = createHazardTable({ frame, policy })
    const oneEnrolment = vehicles[0]!
    for (let row = 0; row < 100; row++) {
      expect(table.add(evidence(0, { row, vehicle: { links: [...oneEnrolment.links] } }), 0).kind).toBe('joined')
    }
  })
  it.each([
    ['further than 100 m and both uncertainties', { northM: 125 }],
    ['further than 250 m, however unsure of their places', { northM: 255, uncertaintyM: 1_000 }],
    ['of another direction', { headingDeg: 180 }],
    ['of another family', { cause: 11 }],
  ] as const)('keeps apart what is %s', (_what, more) => {
    const table = createHazardTable({ frame, policy })
    table.add(evidence(1), 0)
    expect(table.add(evidence(2, more), 0).kind).toBe('joined')
    expect(table.counts().hazards).toBe(2)
  })
  it('joins causes of a family and shows the graver one', () => {
    const table = createHazardTable({ frame, policy })
    table.add(evidence(1, { cause: 2 }), 0)
    expect(hazardOf(table.add(evidence(2, { cause: 92, subCause: 3, alone: true }), 0))).toMatchObject({ cause: 92, subCause: 3 })
    expect(table.counts().hazards).toBe(1)
  })
  it('tells again only what changed: the place by more than 50 m, or the cause', () => {
    const table = createHazardTable({ frame, policy })
    table.published(hazardOf(table.add(evidence(1, { alone: true }), 0)), 'a')
    expect(table.add(evidence(1, { northM: 40, alone: true }), 0).kind).toBe('joined')
    expect(table.add(evidence(1, { northM: 80, alone: true }), 0).kind).toBe('changed')
  })
  it('ends when its subject moves on, unless two others still say so', () => {
    const table = createHazardTable({ frame, policy })
    const hazard = hazardOf(table.add(evidence(1, { cause: 94, alone: true, subject: true }), 0))
    table.published(hazard, 'a')
    const [near, away] = [placeAt(0, 25), placeAt(0, 35)]
    expect(table.movedOn(hazard.number, 1, near.x, near.y).kind).toBe('none')
    expect(table.movedOn(hazard.number, 1, away.x, away.y)).toMatchObject({ kind: 'over', alertKey: 'a' })
    const other = hazardOf(table.add(evidence(1, { cause: 94, alone: true, subject: true }), 0))
    table.add(evidence(2, { cause: 94 }), 0)
    table.add(evidence(3, { cause: 94 }), 0)
    table.published(other, 'b')
    expect(table.movedOn(other.number, 1, away.x, away.y).kind).toBe('none')
  })
  it('ends when two independent drivers say it is gone, never by one, and the same evidence does not bring it back', () => {
    const table = createHazardTable({ frame, policy })
    table.published(hazardOf(table.add(evidence(1, { alone: true }), 0)), 'a')
    expect(table.judge('a', 5, vehicles[5]!, false, 2_000).kind).toBe('none')
    expect(table.judge('a', 6, { links: [...vehicles[5]!.links] }, false, 2_100).kind).toBe('none')
    expect(table.judge('a', 7, vehicles[7]!, false, 2_200)).toMatchObject({ kind: 'over', alertKey: 'a' })
    expect(table.add(evidence(1, { alone: true, atMs: 3_000 }), 0).kind).toBe('joined')
    table.tick(3_000 + 61_000)
    expect(table.add(evidence(1, { alone: true, atMs: 70_000 }), 0).kind).toBe('public')
  })
  it('does not end by two who said so at different times, nor by one who has changed his mind', () => {
    const table = createHazardTable({ frame, policy })
    table.published(hazardOf(table.add(evidence(1, { alone: true }), 0)), 'a')
    expect(table.judge('a', 5, vehicles[5]!, false, 2_000).kind).toBe('none')
    expect(table.judge('a', 6, vehicles[6]!, false, 63_000).kind).toBe('none')
    expect(table.judge('a', 6, vehicles[6]!, true, 64_000).kind).toBe('none')
    expect(table.judge('a', 7, vehicles[7]!, false, 65_000).kind).toBe('none')
    expect(table.judge('a', 8, vehicles[8]!, false, 66_000).kind).toBe('over')
  })
  it('does not lose what waits for a second vehicle to one that makes up hazards everywhere', () => {
    const table = createHazardTable({ frame, policy, hazardsMax: 64 })
    expect(table.add(evidence(1), 0).kind).toBe('joined')
    for (let made = 1; made <= 200; made++) table.add(evidence(3, { northM: made * 500 }), 0)
    expect(table.counts().hazards).toBe(9)
    expect(table.add(evidence(2), 0).kind).toBe('public')
  })
  it('knows no verdict on an alert it does not have', () => {
    expect(createHazardTable({ frame, policy }).judge('nobody/00000000/1', 1, vehicles[1]!, false, 0).kind).toBe('none')
  })
  it('forgets what nobody has spoken of for its validity', () => {
    const table = createHazardTable({ frame, policy })
    table.add(evidence(1), 0)
    table.tick(1_000 + 60_001)
    expect(table.add(evidence(2, { atMs: 62_000 }), 0).kind).toBe('joined')
  })
  it('is bounded: the oldest that is not public makes room, public ones never', () => {
    const table = createHazardTable({ frame, policy, hazardsMax: 2 })
    table.published(hazardOf(table.add(evidence(1, { alone: true }), 0)), 'a')
    table.add(evidence(2, { northM: 1_000 }), 0)
    table.published(hazardOf(table.add(evidence(3, { northM: 2_000, alone: true }), 0)), 'b')
    expect(table.add(evidence(4, { northM: 3_000, alone: true }), 0).kind).toBe('none')
    expect(table.counts()).toMatchObject({ hazards: 2, public: 2, refusedFull: 1 })
  })
  it('never makes a driver report public with fewer independent vehicles than the cause wants, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ row: fc.nat(9), link: fc.nat(3), northM: fc.nat(60) }), { maxLength: 60 }), said => {
        const table = createHazardTable({ frame, policy })
        const links = new Set<number>()
        for (const { row, link, northM } of said) {
          links.add(link)
          const { kind } = table.add(evidence(0, { row: link * 10 + row, vehicle: vehicles[link]!, northM }), 0)
          expect(kind).toBe(links.size >= 2 ? 'public' : 'joined')
        }
      }),
      { seed: 47, numRuns: 200 },
    )
  })
})
