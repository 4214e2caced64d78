// Both lanes of the node's uplink: each drains one log to the region, for as long as the node lives, and the urgent one brings down what the
// region hands over. Nothing of a warning waits for it: without a region the node is an island, warns, and keeps its records.
import { type LaneName, lanes as laneNumbers, type outrider } from '@outrider/protocol'
import type { HealthState } from '@outrider/service'
import {
  type ClockOffset,
  createNodeUplink,
  type Handed,
  type NodeUplink,
  type NodeUplinkEvent,
  type OpenLink,
  type UplinkTime,
} from '@outrider/uplink'
import type { RecordLanes } from './record-lanes.js'
import { createWaitingAge } from './waiting-age.js'

export interface UplinkLanesOptions {
  readonly node: string
  readonly zone: string
  /** Random uint32 of this process. */
  readonly boot: number
  readonly records: RecordLanes
  /** Undefined: there is no region. */
  readonly openLink: OpenLink | undefined
  readonly time: UplinkTime
  readonly random: () => number
  readonly onHanded: (handed: Handed) => void
  /** @param isNews false = the same as before the last success: attempts that fail alike are not worth a line each */
  readonly onEvent: (lane: LaneName, event: NodeUplinkEvent, isNews: boolean) => void
}

interface UplinkLaneState {
  readonly connected: boolean
  /** When it was last connected, or the start, ms since 1970; of no meaning while connected. */
  readonly downSinceMs: number
  /** Why it is not connected, as far as known. */
  readonly problem: string
  /** Records written that the region has not acknowledged. */
  readonly waitingRecords: number
  /** How long the oldest of them has waited, ms; those of an earlier process count from this one's start. */
  readonly oldestWaitingMs: number
  readonly failedAttempts: number
}

export interface UplinkLanes {
  /** Call when the logs are open. */
  start(): void
  /** Call with each tick: takes note of what waits, and since when. */
  look(): void
  state(lane: LaneName): UplinkLaneState
  /** The region's clock against this machine's, as the better of both lanes has it; undefined until heard. */
  clockOffset(): ClockOffset | undefined
  /** Answers a request of the region. False if no link carries it. */
  reply(reply: outrider.v1.RevisionReply.$Properties): boolean
  /** Always ok: warnings do not depend on the region. The detail says how it stands. */
  health(): HealthState
  /** What happened, by event and lane. */
  readonly counts: Readonly<Record<string, number>>
  /** Lets what is written go up for `graceMs`, then ends the links; the rest stays in the logs. Idempotent. */
  stop(graceMs: number): Promise<void>
}

const names = Object.keys(laneNumbers) as LaneName[]
const lookMs = 20

export function createUplinkLanes(options: UplinkLanesOptions): UplinkLanes {
  const { records, openLink, time, onEvent } = options
  const uplinks: Partial<Record<LaneName, NodeUplink>> = {}
  const ages = { urgent: ageOf('urgent'), telemetry: ageOf('telemetry') }
  const problems: Record<LaneName, string> = { urgent: '', telemetry: '' }
  const downSinceMs: Record<LaneName, number> = { urgent: time.wallMs(), telemetry: time.wallMs() }
  const counts: Record<string, number> = {}

  function ageOf(lane: LaneName) {
    return createWaitingAge({ log: records.spools[lane], monotonicMs: time.monotonicMs })
  }

  function take(lane: LaneName, event: NodeUplinkEvent): void {
    counts[event.event] = (counts[event.event] ?? 0) + 1
    const before = problems[lane]
    if (event.event === 'uplink_opened') problems[lane] = ''
    else if (event.event === 'uplink_refused') problems[lane] = `refused: ${event.message}`
    // What was told with a refusal is the better reason.
    else if (event.event === 'uplink_closed' && event.reason !== 'refused') problems[lane] = event.reason
    if (event.event === 'uplink_closed' && before === '') downSinceMs[lane] = time.wallMs()
    onEvent(lane, event, event.event !== 'uplink_closed' || problems[lane] !== before)
  }

  function uplinkOf(lane: LaneName, epoch: number, open: OpenLink): NodeUplink {
    const { node, zone, boot, random, onHanded } = options
    const log = records.spools[lane]
    const take_ = (event: NodeUplinkEvent) => take(lane, event)
    return createNodeUplink({
      node,
      zone,
      boot,
      lane: laneNumbers[lane],
      log,
      epoch,
      openLink: open,
      time,
      random,
      onHanded,
      onEvent: take_,
    })
  }

  function state(lane: LaneName): UplinkLaneState {
    const { appendedThrough, cursor, firstSequence } = records.spools[lane]
    const uplink = uplinks[lane]?.state()
    return {
      connected: uplink?.connected ?? false,
      downSinceMs: downSinceMs[lane],
      problem:
        openLink === undefined ? 'OUTRIDER_EDGE_REGION is unset' : problems[lane] || (uplink === undefined ? 'its log is broken' : ''),
      waitingRecords: Math.max(0, appendedThrough - Math.max(cursor, firstSequence - 1)),
      oldestWaitingMs: ages[lane].oldestMs(),
      failedAttempts: uplink?.failedAttempts ?? 0,
    }
  }

  function textOf(lane: LaneName): string {
    const { connected, downSinceMs: sinceMs, problem, waitingRecords, oldestWaitingMs } = state(lane)
    const why = problem === '' ? '' : ` (${problem})`
    const link = connected ? 'connected' : `not connected since ${new Date(sinceMs).toISOString()}${why}`
    const waits =
      waitingRecords === 0 ? 'no record waits' : `${waitingRecords} records wait, the oldest for ${Math.floor(oldestWaitingMs / 1_000)} s`
    return `${lane} lane ${link}, ${waits}`
  }

  return {
    counts,
    start() {
      for (const lane of names) {
        const epoch = records.epochOf(lane)
        if (openLink === undefined || epoch === undefined) continue
        uplinks[lane] = uplinkOf(lane, epoch, openLink)
        uplinks[lane].start()
      }
    },
    look() {
      for (const lane of names) ages[lane].look()
    },
    state,
    clockOffset() {
      const [a, b] = names.map(lane => uplinks[lane]?.state().clockOffset)
      return a === undefined || (b !== undefined && b.roundTripMs < a.roundTripMs) ? b : a
    },
    reply: reply => uplinks.urgent?.reply(reply) ?? false,
    health() {
      const island = names.some(lane => uplinks[lane]?.state().connected) ? '' : 'an island: '
      return { ok: true, detail: `${island}${names.map(textOf).join('; ')}` }
    },
    async stop(graceMs) {
      const endMs = time.monotonicMs() + graceMs
      const isBusy = () => names.some(lane => uplinks[lane]?.state().connected && state(lane).waitingRecords > 0)
      while (isBusy() && time.monotonicMs() < endMs) await new Promise<void>(resolve => time.schedule(lookMs, resolve))
      await Promise.all(names.map(lane => uplinks[lane]?.stop()))
    },
  }
}
