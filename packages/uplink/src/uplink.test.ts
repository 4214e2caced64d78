// The whole protocol against simulated links, disks and time: whatever breaks, whenever, every synced record of a node is in the
// region's log and in what was drained from it, once by identity and with its own content.
import { outrider } from '@outrider/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntry, entryKinds, type JournalEntry } from './journal-entry.js'
import { formatLogKey } from './log-identity.js'
import { createNodeUplink, type NodeUplink } from './node-uplink.js'
import { createRegionJournal, type RegionJournal } from './region-journal.js'
import { createRegionUplink, type RegionUplink } from './region-uplink.js'
import { createSimulatedLink, type SimulatedLink } from './simulated-link.js'
import { createSimulatedDisk, createSimulatedSpool, type SimulatedDisk, type SimulatedSpool } from './simulated-spool.js'
import { createSimulatedTime } from './simulated-time.js'

const { Lane, Record } = outrider.v1
const windowBytes = 300
const recordBytesMax = 64

type Step =
  | { readonly kind: 'write'; readonly node: number; readonly records: number }
  | { readonly kind: 'cut'; readonly node: number }
  | { readonly kind: 'crashNode'; readonly node: number }
  | { readonly kind: 'newDisk'; readonly node: number }
  | { readonly kind: 'damage'; readonly node: number; readonly share: number }
  | { readonly kind: 'crashRegion' }
  | { readonly kind: 'ownRecord' }
  | { readonly kind: 'pass'; readonly ms: number }

const nodeStep = { node: fc.integer({ min: 0, max: 1 }) }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), ...nodeStep, records: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 120 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), ...nodeStep }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('crashNode' as const), ...nodeStep }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('newDisk' as const), ...nodeStep }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('damage' as const), ...nodeStep, share: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
    },
    { weight: 3, arbitrary: fc.constant({ kind: 'crashRegion' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'ownRecord' as const }) },
  ),
  { minLength: 5, maxLength: 60 },
)

test('whatever breaks, every synced record reaches the region and what is drained of it, once by identity', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer(), async (script, seed) => {
      const world = createWorld(seed)
      await world.begin()
      for (const step of script) await world.take(step)
      await world.settle()
      world.check()
    }),
    { numRuns: 120, seed: 1 },
  )
}, 60_000)

function createWorld(seed: number) {
  const random = mulberry(seed)
  const time = createSimulatedTime()
  /** Every record a node's spool took, by log and sequence, and whether it was synced before its process died. */
  const written = new Map<string, Map<number, string>>()
  const lost = new Map<string, Set<number>>()
  let text = 0

  // The region's disk, and what came out of the drain.
  const regionDisk = createSimulatedDisk(77)
  const checkpointDisk = createSimulatedDisk(78)
  const drained: JournalEntry[] = []
  const ownReplied: number[] = []
  /** What was durable in the region's log at any time: place by identity. */
  const places = new Map<string, number>()
  let region:
    | { state: Set<string>; journal: RegionJournal; uplink: RegionUplink; spools: SimulatedSpool[]; stop: AbortController }
    | undefined

  async function startRegion(): Promise<void> {
    // Slow disks, so that a crash finds much that is not synced.
    const spools = [createSimulatedSpool(regionDisk, time, 15), createSimulatedSpool(checkpointDisk, time, 25)]
    const state = new Set<string>()
    const journal = createRegionJournal({
      region: 'r',
      authority: 'a',
      log: spools[0]!,
      checkpoints: spools[1]!,
      time,
      onEvent: () => {},
      checkpointEveryMs: 20,
      state: {
        apply: entry => void state.add(nameOf(entry)),
        store: () => [...state].map(name => Buffer.from(name)),
        restore: item => void state.add(Buffer.from(item).toString()),
      },
    })
    await journal.start()
    const uplink = createRegionUplink({ region: 'r', journal, time, onEvent: () => {}, limits: { windowBytes, recordBytesMax } })
    const stop = new AbortController()
    const mine = { state, journal, uplink, spools, stop }
    region = mine
    void drain()
    async function drain(): Promise<void> {
      for await (const item of journal.follow(stop.signal)) {
        if (region !== mine) return
        if (item.kind === 'record') {
          const entry = decodeEntry(item.bytes)
          const name = nameOf(entry)
          expect(places.get(name) ?? item.sequence, `${name} is once in the region's log`).toBe(item.sequence)
          places.set(name, item.sequence)
          drained.push(entry)
        }
        // The event log takes its time, and a crash comes in between.
        if (random() < 0.3) await new Promise<void>(resolve => time.schedule(5, resolve))
        if (region !== mine) return
        journal.drained(item.kind === 'record' ? item.sequence : item.last)
      }
    }
  }

  function crashRegion(): void {
    const { spools, stop } = region!
    region = undefined
    for (const spool of spools) spool.crash()
    stop.abort()
    for (const node of nodes) node.link?.cut()
  }

  const nodes = [0, 1].map(index => createNode(index))

  function createNode(index: number) {
    const node = `n${index}`
    const lane = index === 0 ? Lane.LANE_URGENT : Lane.LANE_TELEMETRY
    let disk = createSimulatedDisk(index)
    let spool: SimulatedSpool | undefined
    let uplink: NodeUplink | undefined
    const self = {
      link: undefined as SimulatedLink | undefined,
      start,
      crash,
      newDisk,
      write,
      damage,
      cut: () => self.link?.cut(),
      check,
      disk: () => disk,
      uplink: () => uplink!,
    }

    function key(): string {
      return formatLogKey({ node, lane, epoch: disk.epoch })
    }

    async function start(): Promise<void> {
      const mine = createSimulatedSpool(disk, time)
      spool = mine
      await mine.start()
      uplink = createNodeUplink({
        node,
        zone: 'z',
        lane,
        boot: 1,
        log: mine,
        epoch: disk.epoch,
        time,
        random,
        openLink(events) {
          const link = createSimulatedLink(time, random, events, end =>
            region === undefined ? { onMessage() {}, onDrain() {}, onClosed() {} } : region.uplink.accept(end, () => undefined),
          )
          self.link = link
          if (region === undefined) link.cut()
          return link.node
        },
        onHanded: () => {},
        onEvent: () => {},
        limits: { batchRecordsMax: 8, batchBytesMax: 120, retryMsMin: 10, retryMsMax: 50, silenceMs: 200, pingMs: 40 },
      })
      uplink.start()
    }

    function write(records: number): void {
      for (let i = 0; i < records; i++) {
        const vehicle = `${text++}`.padEnd(1 + Math.floor(random() * 12), 'x')
        const bytes = Record.encode({ schema: 1, misbehaviour: { vehicle } }).finish()
        const sequence = spool!.append(bytes)
        if (typeof sequence !== 'number') return
        if (!written.has(key())) written.set(key(), new Map())
        written.get(key())!.set(sequence, vehicle)
      }
    }

    async function crash(): Promise<void> {
      const before = disk.synced
      spool!.crash()
      for (let at = before + 1; at <= disk.synced; at++) forget(at)
      self.link?.cut()
      await uplink!.stop()
      await start()
    }

    async function newDisk(): Promise<void> {
      spool!.crash()
      self.link?.cut()
      await uplink!.stop()
      // What the old disk held and the region has not is gone with it.
      written.delete(key())
      disk = createSimulatedDisk(disk.epoch + 10)
      await start()
    }

    /** One record that waits loses its bytes. */
    function damage(share: number): void {
      const waiting = [...disk.records.keys()].filter(at => at > disk.cursor)
      const at = waiting[Math.floor(share * waiting.length)]
      if (at === undefined) return
      disk.records.delete(at)
      forget(at)
    }

    function forget(sequence: number): void {
      if (!lost.has(key())) lost.set(key(), new Set())
      lost.get(key())!.add(sequence)
    }

    function check(): void {
      expect(uplink!.state().inFlightBytes).toBeLessThanOrEqual(windowBytes)
    }
    return self
  }

  return {
    async begin(): Promise<void> {
      await startRegion()
      for (const node of nodes) await node.start()
    },
    async take(step: Step): Promise<void> {
      if (step.kind === 'pass') await time.pass(step.ms)
      else if (step.kind === 'crashRegion') {
        crashRegion()
        await time.pass(Math.floor(random() * 30))
        await startRegion()
      } else if (step.kind === 'ownRecord') {
        const { journal } = region!
        const place = journal.appendOwn(Record.encode({ schema: 1, alert: { revision: 1 } }).finish(), Buffer.from('request'))
        if (typeof place === 'number')
          journal.whenDurable(place).then(
            () => ownReplied.push(place),
            () => {},
          )
      } else {
        const node = nodes[step.node]!
        if (step.kind === 'write') node.write(step.records)
        else if (step.kind === 'cut') node.cut()
        else if (step.kind === 'crashNode') await node.crash()
        else if (step.kind === 'newDisk') await node.newDisk()
        else node.damage(step.share)
        node.check()
      }
    },
    async settle(): Promise<void> {
      await time.pass(5_000)
      // What the app keeps is rebuilt from the checkpoint and the entries after it.
      crashRegion()
      await startRegion()
      for (const entry of drained)
        if (entry.kind === entryKinds.own || (entry.kind === entryKinds.record && entry.lane === Lane.LANE_URGENT))
          expect(region!.state.has(nameOf(entry)), `${nameOf(entry)} is known after a restart`).toBe(true)
      await time.pass(1_000)
    },
    check(): void {
      const found = new Map<string, string>()
      const closed = new Map<string, [number, number][]>()
      for (const entry of drained) {
        const record = Record.decode(entry.record)
        const key = formatLogKey(entry)
        expect([record.node, record.lane, record.epoch, Number(record.sequence)]).toEqual([
          entry.node,
          entry.lane,
          entry.epoch,
          entry.sequence,
        ])
        if (entry.kind === entryKinds.gap) {
          const range: [number, number] = [Number(record.gap!.firstSequence), Number(record.gap!.lastSequence)]
          closed.set(key, [...(closed.get(key) ?? []), range])
        } else if (entry.kind === entryKinds.record) found.set(nameOf(entry), record.misbehaviour!.vehicle ?? '')
      }
      for (const [key, records] of written) {
        const isClosed = (at: number) => (closed.get(key) ?? []).some(([first, last]) => at >= first && at <= last)
        for (const [sequence, vehicle] of records) {
          const name = `${key}/${sequence}`
          if (lost.get(key)?.has(sequence)) expect(found.has(name) || isClosed(sequence), `${name} is closed`).toBe(true)
          else expect(found.get(name), `${name} arrived`).toBe(vehicle)
          if (found.has(name)) expect(found.get(name)).toBe(vehicle)
        }
      }
      for (const node of nodes) {
        const disk: SimulatedDisk = node.disk()
        expect(disk.cursor, 'all is acknowledged').toBe(disk.synced)
      }
      // Own records: what was replied to is there, numbered without holes.
      const own = [...new Set(drained.filter(({ kind }) => kind === entryKinds.own).map(({ sequence }) => sequence))].sort((a, b) => a - b)
      expect(own).toEqual(own.map((_, index) => index + 1))
      expect(own.length).toBeGreaterThanOrEqual(ownReplied.length)
      expect(regionDisk.cursor, 'the region lets go what is drained').toBe(regionDisk.synced)
    },
  }
}

function nameOf(entry: JournalEntry): string {
  return `${formatLogKey(entry)}/${entry.sequence}`
}

/** Seeded random numbers, 0 ≤ r < 1. */
function mulberry(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
