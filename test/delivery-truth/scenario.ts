// One run from a seed: a city, alerts that come, change and go, and everything that can go wrong on the way. Same seed and size, same run.
import { formatAlertKey, outrider, parseAlertKey } from '@outrider/protocol'
import { randomDraft } from './alert-drafts.js'
import { createChance } from './chance.js'
import {
  createDeliveryWorld,
  type DeliveryWorld,
  type Live,
  middle,
  type Plant,
  type SimulatedNode,
  type SimulatedVehicle,
} from './delivery-world.js'
import { fold } from './ledger-truth.js'
import type { Verdict } from './scorer.js'
import { wallStartMs } from './simulated-time.js'

const { EndReason, IssuerRole } = outrider.v1

export interface Size {
  readonly vehicles: number
  readonly seconds: number
  readonly nodes: number
  /** Half the side of the city, m. */
  readonly halfSideM: number
  /** Alerts at once: fewer than fit in an outbox, so that nobody goes without for want of room. */
  readonly alertsMax: number
}

export interface Outcome {
  readonly verdict: Verdict
  readonly counts: Readonly<Record<string, number>>
}

/** Longest validity of a draft, and what it takes all to settle after it. */
const settleMs = 75_000

export function runScenario(
  seed: number,
  { vehicles, seconds, nodes, halfSideM, alertsMax }: Size,
  plant: Plant = {},
  traced?: string,
): Outcome {
  const chance = createChance(seed)
  const world = createDeliveryWorld({ chance, nodes, vehicles, halfSideM, plant, traced })
  const { time, scorer } = world
  const links = createLinks(world, chance)
  const counts: Record<string, number> = {}
  const alive = new Map<string, SimulatedNode>()
  const untilMs = seconds * 1_000

  const pick = (): SimulatedVehicle => chance.of(world.vehicles)
  const issue = (): void => {
    if (alive.size >= alertsMax) return
    const node = chance.of(world.nodes)
    const outcome = world.on(node, zone => zone.issue(randomDraft(chance, middle, halfSideM, time.nowMs)))
    if (outcome.outcome !== 'changed') throw new Error(`refused: ${JSON.stringify(outcome)}`)
    const { key } = outcome.changes[0]!.entry
    alive.set(key, node)
    links.tell(node, key)
  }
  const revise = (): void => {
    const [key, node] = chance.of([...alive])
    const before = node.zone.registry.get(key)?.alert
    if (before == null) return
    const draft = randomDraft(chance, middle, halfSideM, time.nowMs, chance.of([0.3, 1, 3]))
    // Moved altogether, or in its place with another area, or said again.
    const how = chance.of(['moved', 'same', 'same'])
    const content = how === 'moved' ? draft.content : { ...before, awarenessDistanceM: draft.content.awarenessDistanceM ?? 0 }
    const outcome = world.on(node, zone => zone.revise(key, { ...draft, content }))
    if (outcome.outcome === 'changed') links.tell(node, key)
  }
  const end = (): void => {
    const [key] = chance.of([...alive])
    const node = chance.of(world.nodes)
    const order = { reason: EndReason.END_REASON_CANCELLED, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR }
    const outcome = world.on(node, zone => zone.end(key, order))
    if (outcome.outcome !== 'changed') return
    alive.delete(key)
    links.tell(node, key)
  }
  const forAWhile = (most: number, begin: () => void, over: () => void): void => {
    begin()
    time.at(chance.between(100, most), over)
  }
  const events: readonly (readonly [name: string, weight: number, run: () => void])[] = [
    ['issue', 6, issue],
    ['revise', 4, () => alive.size > 0 && revise()],
    ['end', 2, () => alive.size > 0 && end()],
    ['break', vehicles / 50, () => world.breakSocket(pick())],
    [
      'stall',
      vehicles / 100,
      () => {
        const vehicle = pick()
        forAWhile(
          9_000,
          () => world.stall(vehicle, true),
          () => world.stall(vehicle, false),
        )
      },
    ],
    [
      'withhold',
      vehicles / 100,
      () => {
        const vehicle = pick()
        forAWhile(
          9_000,
          () => world.withhold(vehicle, true),
          () => world.withhold(vehicle, false),
        )
      },
    ],
    ['crash', 0.5, () => world.crash(chance.of(world.nodes))],
    ['silence', vehicles / 100, () => (pick().silentUntilMs = time.nowMs + chance.between(3_000, 30_000))],
    [
      'teleport',
      vehicles / 400,
      () => {
        // Silent first, so that no report holds samples of both places.
        const vehicle = pick()
        vehicle.silentUntilMs = time.nowMs + 4_000
        time.at(3_900, vehicle.driver.teleport)
      },
    ],
    ['move', world.nodes.length > 1 ? vehicles / 30 : 0, () => world.sendTo(pick(), chance.of(world.nodes))],
  ]
  const weights = events.reduce((all, [, weight]) => all + weight, 0)
  const happen = (): void => {
    if (time.nowMs >= untilMs) return
    const [name, , run] = choose(events, chance.next() * weights)
    counts[name] = (counts[name] ?? 0) + 1
    run()
    for (const key of alive.keys()) if (world.nodes.every(({ zone }) => zone.registry.get(key)?.state !== 'active')) alive.delete(key)
    time.at(chance.between(0, 8_000 / weights), happen)
  }
  time.at(3_000, happen)
  for (let atMs = 1_000; atMs <= untilMs; atMs += 1_000) {
    world.run(atMs)
    world.checkLedgers()
    links.lose(chance.is(0.2))
  }

  // All heals, the links say what was lost, and everything runs out.
  for (const vehicle of world.vehicles) {
    world.stall(vehicle, false)
    world.withhold(vehicle, false)
  }
  links.lose(false)
  links.reconcile()
  world.run(untilMs + settleMs)
  links.reconcile()
  world.run(untilMs + settleMs + 2_000)
  world.checkLedgers()
  checkEnd(world)
  const verdict = scorer.verdict()
  const ledgerFaults = world.nodes.flatMap(({ ledger }) => ledger.faults)
  for (const { zone, name } of world.nodes) {
    for (const [what, times] of Object.entries(zone.totals())) if (typeof times === 'number') counts[`${name} ${what}`] = times
  }
  return { verdict: { ...verdict, faults: [...verdict.faults, ...ledgerFaults] }, counts }
}

/** The event whose share of all weights a number falls into. */
function choose<Event extends readonly [name: string, weight: number, run: () => void]>(events: readonly Event[], at: number): Event {
  let left = at
  for (const event of events) {
    left -= event[1]
    if (left < 0) return event
  }
  return events[0]!
}

/** Nothing is owed any more, and all registries are the same. */
function checkEnd({ nodes, scorer, time }: DeliveryWorld): void {
  const now = { monotonicMs: time.nowMs, wallMs: wallStartMs + time.nowMs }
  // Two ends of one alert are equal, whatever revision who ended it knew last (docs/alerts.md).
  const holdings = nodes.map(({ zone }) =>
    zone.registry
      .digest(() => true, now)
      .map(({ alertId, revision, ended }) => `${formatAlertKey(alertId!)} ${ended ? 'ended' : `r${revision}`}`)
      .join(),
  )
  for (const [at, held] of holdings.entries()) {
    if (held !== holdings[0]) scorer.fault(`the registry of ${nodes[at]!.name} is another one: ${held}, not ${holdings[0]}`)
  }
  for (const { name, zone } of nodes)
    if (zone.totals().pending !== 0) scorer.fault(`${name}: ${zone.totals().pending} are pending at the end`)
  const folded = fold(nodes.map(({ ledger }) => ledger))
  for (const [name, outcome] of folded) if (outcome === 'pending') scorer.fault(`folded, ${name} is pending`)
}

/** Links between the nodes: each message late by its own time, some twice, some lost; a digest now and then makes good what was lost. */
function createLinks(world: DeliveryWorld, chance: ReturnType<typeof createChance>) {
  const { time, nodes } = world
  let isLossy = false
  const nowOf = () => ({ monotonicMs: time.nowMs, wallMs: wallStartMs + time.nowMs })

  function send(to: SimulatedNode, live: Live): void {
    if (isLossy && chance.is(0.5)) return
    for (let copy = chance.is(0.2) ? 2 : 1; copy > 0; copy--) time.at(chance.between(5, 800), () => world.takeLive(to, live))
  }
  function sendAll(to: SimulatedNode, difference: { readonly alerts: readonly object[]; readonly ends: readonly object[] }): void {
    for (const alert of difference.alerts) send(to, { alert })
    for (const end of difference.ends) send(to, { end })
  }
  function reconcile(): void {
    for (const here of nodes) {
      for (const there of nodes) {
        if (here === there) continue
        const difference = here.zone.registry.difference(
          there.zone.registry.digest(() => true, nowOf()),
          () => true,
          nowOf(),
        )
        sendAll(there, difference)
      }
    }
  }
  const again = (): void => {
    reconcile()
    time.at(5_000, again)
  }
  if (nodes.length > 1) time.at(5_000, again)
  return {
    reconcile,
    lose(lossy: boolean) {
      isLossy = lossy
    },
    tell(from: SimulatedNode, key: string) {
      const id = parseAlertKey(key)
      if (id === undefined || formatAlertKey(id) !== key) throw new Error(`no key: ${key}`)
      for (const to of nodes) if (to !== from) sendAll(to, from.zone.registry.answer([id], nowOf()))
    },
  }
}
