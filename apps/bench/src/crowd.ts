// Thousands of vehicles on real sockets at the least cost a generator can have: they greet, report on a fixed beat while they drive north, answer
// pings and acknowledge every alert as taken. An alert is decoded once for all of them, and its acknowledgement is one frame for all.
import { decodeFrame, encodeFrame, formatAlertKey, frameTypes, outrider, subprotocols } from '@outrider/protocol'
import { createLatencies } from './latencies.js'
import { sharedNowMs } from './pace.js'
import { maskedFrame, opcodes, openPeers, takeFrames, type WebSocketPeer } from './web-socket-peer.js'

const { DeliveryStage } = outrider.v1

export interface CrowdOptions {
  readonly port: number
  /** The place the first of them starts from; the others stand in a square north and east of it. */
  readonly latitudeE7: number
  readonly longitudeE7: number
  /** From one to the next, along both sides of the square. */
  readonly spacingM: number
  /** Every vehicle reports so often. A zone targets nobody it has not heard of for 10 s. */
  readonly reportEveryMs: number
  /** How often reports go out, each time the share of the vehicles that is due: 50 costs the generator least. */
  readonly beatMs: number
}

/** What came of one revision of an alert, in ms since a moment on the machine's shared clock. */
export interface Arrivals {
  /** Vehicles that have it, and further copies of it. */
  readonly vehicles: number
  readonly repeats: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly lastMs: number
}

export interface Crowd {
  /** Opens a vehicle for each token; resolves when all were welcomed. @returns how many there are now */
  join(tokens: readonly string[]): Promise<number>
  /** The first so many read nothing more. They go on reporting. */
  stall(vehicles: number): void
  /** They read again, whatever waits for them. */
  unstall(): void
  /** Whoever is gone comes back with its token and says which alerts it holds, less the first so many: they stay away. */
  rejoin(away: number): Promise<number>
  readonly connected: number
  /** Close codes that came, and how often. */
  readonly closes: Readonly<Record<number, number>>
  /** @param key `node/boot/sequence` @param from the first vehicle that counts */
  arrivals(key: string, revision: number, sinceMs: number, from: number): Arrivals
  stop(): void
}

const mask = 0x5a17c3e9
const northE7PerM = 1e7 / 111_195.08
const speedMps = 10
const greetAtOnce = 200
/** Welcomes take as long as the node takes for handshakes: 10,000 are there in ten seconds on a quiet machine. */
const welcomeMsMax = 120_000

interface Member {
  readonly index: number
  readonly token: string
  peer: WebSocketPeer | undefined
  /** The beginning of a frame whose rest is still to come. */
  rest: Buffer
  number: number
  welcomed: boolean
  stalled: boolean
}

interface Told {
  readonly held: outrider.v1.HeldAlert.$Properties
  readonly acknowledgement: Buffer
  /** By vehicle: when it first came (NaN = not), and how often it came. */
  readonly atMs: number[]
  readonly times: number[]
}

const none = Buffer.alloc(0)

export function createCrowd({ port, latitudeE7, longitudeE7, spacingM, reportEveryMs, beatMs }: CrowdOptions): Crowd {
  const members: Member[] = []
  const told = new Map<string, Told>()
  const closes: Record<number, number> = {}
  const startedMs = performance.now()
  const eastE7PerM = northE7PerM / Math.cos((latitudeE7 * 1e-7 * Math.PI) / 180)
  let welcomed = 0
  let whenWelcomed = () => {}
  let next = 0
  let owedReports = 0
  let beatAtMs = performance.now()
  let lastAlert = none
  let lastTold: Told | undefined

  function positionOf(index: number) {
    const northM = Math.floor(index / 128) * spacingM + ((performance.now() - startedMs) / 1_000) * speedMps
    const eastM = (index % 128) * spacingM
    return { latitudeE7: Math.round(latitudeE7 + northM * northE7PerM), longitudeE7: Math.round(longitudeE7 + eastM * eastE7PerM) }
  }

  function report(member: Member): void {
    const sample = { ...positionOf(member.index), speedCmps: speedMps * 100, headingDecideg: 0 }
    member.peer!.write(
      maskedFrame(encodeFrame('telemetry', { number: ++member.number, timeMs: Date.now(), samples: [sample] }), mask + member.index),
    )
  }

  const beat = setInterval(() => {
    const nowMs = performance.now()
    owedReports += (members.length * (nowMs - beatAtMs)) / reportEveryMs
    beatAtMs = nowMs
    for (; owedReports >= 1; owedReports--) {
      const member = members[next++ % members.length]!
      if (member.welcomed) report(member)
    }
  }, beatMs)

  function receive(member: Member, bytes: Buffer): void {
    const atMs = sharedNowMs()
    const whole = member.rest.length === 0 ? bytes : Buffer.concat([member.rest, bytes])
    member.rest = takeFrames(whole, (opcode, payload) => {
      if (opcode === opcodes.binary) take(member, payload, atMs)
      else if (opcode === opcodes.ping) member.peer?.write(maskedFrame(payload, mask, opcodes.pong))
      else if (opcode === opcodes.close) {
        const code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
        closes[code] = (closes[code] ?? 0) + 1
        member.peer?.close()
      }
    })
  }

  function take(member: Member, frame: Buffer, atMs: number): void {
    if (frame[0] === frameTypes.welcome.number) {
      member.welcomed = true
      report(member)
      welcomed++
      whenWelcomed()
    } else if (frame[0] === frameTypes.alert.number) {
      const alert = toldOf(frame)
      const { index } = member
      alert.atMs[index] ??= atMs
      alert.times[index] = (alert.times[index] ?? 0) + 1
      member.peer?.write(alert.acknowledgement)
    }
  }

  /** The alert itself is the first field of the frame's message, and the same bytes for everybody. */
  function toldOf(frame: Buffer): Told {
    if (
      lastTold !== undefined &&
      frame.length > lastAlert.length &&
      frame.compare(lastAlert, 0, lastAlert.length, 0, lastAlert.length) === 0
    )
      return lastTold
    const decoded = decodeFrame(frame)
    if (decoded.kind !== 'frame' || decoded.type !== 'alert') throw new Error(`an alert that is ${decoded.kind}`)
    const { id, revision } = decoded.message.alert!
    const name = `${formatAlertKey(id!)} ${revision}`
    let alert = told.get(name)
    if (alert === undefined) {
      const entry = { alertId: id!, revision: revision!, stage: DeliveryStage.DELIVERY_STAGE_TAKEN, timeMs: Date.now() }
      const acknowledgement = maskedFrame(encodeFrame('deliveryAck', { entries: [entry] }), mask)
      alert = { held: { alertId: id!, revision: revision! }, acknowledgement, atMs: [], times: [] }
      told.set(name, alert)
    }
    // A byte of type, a byte of tag, the length as a varint, and so many bytes.
    const [length, head] = varintAt(frame, 2)
    lastAlert = Buffer.from(frame.subarray(0, head + length))
    lastTold = alert
    return alert
  }

  /** Opens and says hello, before the node's patience with a socket that says nothing is over. */
  async function greet(wanted: readonly Member[]): Promise<void> {
    const headers = (index: number) => `Authorization: Bearer ${wanted[index]!.token}\r\nSec-WebSocket-Protocol: ${subprotocols.binary}\r\n`
    const peers = await openPeers(port, wanted.length, headers)
    for (const [at, member] of wanted.entries()) {
      const peer = peers[at]!
      member.peer = peer
      peer.onBytes = bytes => receive(member, bytes)
      peer.onGone = () => {
        if (member.peer !== peer) return
        member.peer = undefined
        member.rest = none
        if (member.welcomed) welcomed--
        member.welcomed = false
      }
      const held = [...told.values()].filter(alert => alert.times[member.index] !== undefined).map(alert => alert.held)
      peer.write(maskedFrame(encodeFrame('hello', { sdkStart: 7, vehicleTimeMs: Date.now(), held }), mask + member.index))
    }
  }

  async function open(wanted: readonly Member[]): Promise<number> {
    const expected = welcomed + wanted.length
    const allWelcomed = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${welcomed} of ${expected} vehicles are welcome`)), welcomeMsMax)
      whenWelcomed = () => {
        if (welcomed < expected) return
        clearTimeout(late)
        resolve()
      }
    })
    for (let at = 0; at < wanted.length; at += greetAtOnce) await greet(wanted.slice(at, at + greetAtOnce))
    if (wanted.length > 0) await allWelcomed
    return welcomed
  }

  return {
    join(tokens) {
      const wanted = tokens.map((token, index) => ({
        index: members.length + index,
        token,
        peer: undefined,
        rest: none,
        number: 0,
        welcomed: false,
        stalled: false,
      }))
      members.push(...wanted)
      return open(wanted)
    },
    stall(vehicles) {
      for (const member of members.slice(0, vehicles)) {
        member.stalled = true
        member.peer?.pause()
      }
    },
    unstall() {
      for (const member of members) {
        if (member.stalled) member.peer?.resume()
        member.stalled = false
      }
    },
    rejoin: away => open(members.filter(({ index, peer }) => index >= away && peer === undefined)),
    get connected() {
      return welcomed
    },
    closes,
    arrivals(key, revision, sinceMs, from) {
      const alert = told.get(`${key} ${revision}`)
      const latencies = createLatencies()
      let [vehicles, repeats, lastMs] = [0, 0, 0]
      for (let index = from; index < members.length; index++) {
        const atMs = alert?.atMs[index]
        if (atMs === undefined) continue
        vehicles++
        repeats += alert!.times[index]! - 1
        lastMs = Math.max(lastMs, atMs - sinceMs)
        latencies.record(atMs - sinceMs)
      }
      return { vehicles, repeats, p50Ms: latencies.percentile(50), p99Ms: latencies.percentile(99), lastMs }
    },
    stop() {
      clearInterval(beat)
      for (const { peer } of members) peer?.close()
    },
  }
}

/** @returns the value, and where it ends */
function varintAt(bytes: Buffer, at: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; ; shift += 7, at++) {
    value |= (bytes[at]! & 0x7f) << shift
    if ((bytes[at]! & 0x80) === 0) return [value, at + 1]
  }
}
