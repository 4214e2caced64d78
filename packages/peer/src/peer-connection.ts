// One stream with a peer, from its opening to its end, the same for who called and who was called but for who says hello first.
//
//   hello → hello → both: digest, difference, what was wanted → alerts and ends as they change, evidence; a sign of life four times a second
//
// Nothing is queued as a message but evidence: alerts that are due are keys, and what goes out is how they stand when there is room.
import { formatAlertKey, outrider } from '@outrider/protocol'
import { createPeerClock, type PeerClockOffset } from './clock-offset.js'
import { peerLimits as limits } from './limits.js'
import type { PeerLink, PeerLinkEvents, PeerMessage } from './link.js'
import type { PeersOptions } from './peers-options.js'

const { LiveAlert, LiveEnd } = outrider.v1

type Hello = outrider.v1.PeerHello.$Properties
type Evidence = outrider.v1.Evidence.$Properties
type DigestEntry = outrider.v1.DigestEntry.$Properties

export interface PeerConnectionOptions extends PeersOptions {
  /** True: we called, and say hello first. */
  readonly isCaller: boolean
  /** The other side said who it is: why it may not be that, if so. */
  readonly onHello: (hello: Hello, connection: PeerConnection) => string | undefined
  readonly onHeard: (peer: string) => void
  /** A difference had something this side lacked, by what the other side knows. */
  readonly onLearned: () => void
  readonly onClosed: (reason: string) => void
  readonly count: (what: string) => void
}

export interface PeerConnection {
  readonly events: PeerLinkEvents
  /** Undefined until it has said hello. */
  readonly peer: string | undefined
  readonly ready: boolean
  readonly vehicles: number
  readonly clock: PeerClockOffset | undefined
  readonly inStep: boolean
  readonly waiting: number
  /** Takes the link and begins. */
  begin(link: PeerLink): void
  tell(key: string): void
  tellEvidence(evidence: Evidence): void
  resync(): void
  /** Call every `heartbeatMs`: a sign of life, and the end of who gives none. */
  tick(): void
  close(reason: string): void
}

export function createPeerConnection(options: PeerConnectionOptions): PeerConnection {
  const { time, alerts, isCaller, count } = options
  const clock = createPeerClock()
  const beganAtMs = time.monotonicMs()
  let link: PeerLink | undefined
  let writable = true
  let over = false
  let peer: string | undefined
  let heardAtMs = beganAtMs
  let ready = true
  let vehicles = 0
  let echo: { readonly sentMs: number; readonly atMs: number } | undefined

  // What is to be said, the first that is due first.
  let helloDue = isCaller
  let heartbeatDue = false
  /** Version of the zone table that the other side has, as far as told. */
  let theirTableVersion = Number.POSITIVE_INFINITY
  /** Keys; at most as many as the registry has entries. */
  const due = new Set<string>()
  const evidences: Evidence[] = []
  let digestDue = false
  let digest: readonly DigestEntry[] = []
  let digestAt = 0
  let differenceDue = false
  const lacked = new Set<string>()
  let wanted: outrider.v1.AlertId.$Properties[] = []

  let secondBeganAtMs = beganAtMs
  let evidenceInSecond = 0
  /** Their digest as far as it came, and whether their difference came to its end. */
  let theirs: DigestEntry[] = []
  let isAnswered = false

  function flush(): void {
    while (!over && writable && link !== undefined) {
      const message = next()
      if (message === undefined) return
      writable = link.write(message)
    }
  }

  function next(): PeerMessage | undefined {
    if (helloDue) return hello()
    if (peer === undefined) return undefined
    if (heartbeatDue) return heartbeat()
    const { version } = options.zoneTable()
    if ((version ?? 0) > theirTableVersion) {
      theirTableVersion = version!
      return { zoneTable: options.zoneTable() }
    }
    for (const key of due) {
      due.delete(key)
      const live = alerts.live(key)
      if (live !== undefined) return live
    }
    const evidence = evidences.shift()
    if (evidence !== undefined) return { evidence }
    if (digestDue || digestAt < digest.length) return digestPart(peer)
    if (differenceDue) return differencePart()
    return undefined
  }

  function hello(): PeerMessage {
    helloDue = false
    const { node, zone, boot, authority, zoneTable } = options
    return { hello: { node, zone, boot, authority, features: [], zoneTableVersion: zoneTable().version ?? 0 } }
  }

  function heartbeat(): PeerMessage {
    heartbeatDue = false
    const echoed = echo === undefined ? {} : { echoedTimeMs: echo.sentMs, heldMs: time.monotonicMs() - echo.atMs }
    return { heartbeat: { sentTimeMs: time.wallMs(), ...echoed, ...options.status() } }
  }

  function digestPart(name: string): PeerMessage {
    if (digestAt >= digest.length) {
      digestDue = false
      digest = alerts.digest(name)
      digestAt = 0
    }
    const entries = digest.slice(digestAt, digestAt + limits.digestEntriesPerMessage)
    digestAt += entries.length
    const more = digestAt < digest.length
    if (!more) digest = []
    if (!more) digestAt = 0
    return { digest: { entries, more } }
  }

  function differencePart(): PeerMessage {
    const part = { alerts: [] as outrider.v1.LiveAlert.$Properties[], ends: [] as outrider.v1.LiveEnd.$Properties[] }
    let bytes = 0
    for (const key of lacked) {
      const live = alerts.live(key)
      if (live !== undefined) {
        const size = 'alert' in live ? LiveAlert.encode(live.alert).finish().length : LiveEnd.encode(live.end).finish().length
        if (bytes > 0 && bytes + size > limits.differenceBytesMax) break
        bytes += size
        if ('alert' in live) part.alerts.push(live.alert)
        else part.ends.push(live.end)
      }
      lacked.delete(key)
    }
    const asked = wanted.slice(0, limits.digestEntriesPerMessage)
    wanted = wanted.slice(asked.length)
    differenceDue = lacked.size > 0 || wanted.length > 0
    return { difference: { ...part, wanted: asked, more: differenceDue } }
  }

  function take(message: PeerMessage): void {
    if (message.hello != null) {
      greeted(message.hello)
      return
    }
    if (peer === undefined) {
      close('it did not say hello first')
      return
    }
    options.onHeard(peer)
    if (message.heartbeat != null) takeHeartbeat(message.heartbeat)
    else if (message.alert != null) options.onAlert(message.alert, peer)
    else if (message.end != null) options.onEnd(message.end, peer)
    else if (message.evidence != null) takeEvidence(message.evidence, peer)
    else if (message.digest != null) takeDigest(message.digest, peer)
    else if (message.difference != null) takeDifference(message.difference, peer)
    else if (message.zoneTable != null) options.onZoneTable(message.zoneTable)
    else count('message_ignored')
    flush()
  }

  function greeted(theirHello: Hello): void {
    if (peer !== undefined) {
      count('message_ignored')
      return
    }
    const why = options.onHello(theirHello, connection)
    if (why !== undefined) {
      close(why)
      return
    }
    peer = theirHello.node!
    helloDue = !isCaller
    heartbeatDue = true
    theirTableVersion = theirHello.zoneTableVersion ?? 0
    digestDue = true
    options.onHeard(peer)
    flush()
  }

  function takeHeartbeat(message: outrider.v1.Heartbeat.$Properties): void {
    const { sentTimeMs, echoedTimeMs, heldMs } = message
    ready = message.ready ?? false
    vehicles = message.vehicles ?? 0
    echo = { sentMs: sentTimeMs ?? 0, atMs: time.monotonicMs() }
    if (echoedTimeMs != null) clock.take(sentTimeMs ?? Number.NaN, echoedTimeMs, heldMs ?? 0, time.wallMs())
  }

  function takeEvidence(evidence: Evidence, name: string): void {
    const nowMs = time.monotonicMs()
    if (nowMs - secondBeganAtMs >= 1_000) {
      secondBeganAtMs = nowMs
      evidenceInSecond = 0
    }
    if (++evidenceInSecond > limits.evidencePerSecondMax) count('evidence_over_rate')
    else options.onEvidence(evidence, name, clock.read())
  }

  function takeDigest({ entries, more }: outrider.v1.Digest.$Properties, name: string): void {
    const room = limits.digestEntriesMax - theirs.length
    for (const entry of (entries ?? []).slice(0, room)) theirs.push(entry)
    if ((entries ?? []).length > room) count('digest_too_long')
    if (more) return
    const found = alerts.difference(name, theirs)
    theirs = []
    for (const { alert } of found.alerts) if (alert?.id != null) lacked.add(formatAlertKey(alert.id))
    for (const { end } of found.ends) if (end?.alertId != null) lacked.add(formatAlertKey(end.alertId))
    wanted = [...wanted, ...found.wanted].slice(0, limits.digestEntriesMax)
    differenceDue = true
  }

  function takeDifference(difference: outrider.v1.DigestDifference.$Properties, name: string): void {
    // Alerts first: who holds what one of them replaces is never without either.
    for (const live of difference.alerts ?? []) options.onAlert(live, name)
    for (const live of difference.ends ?? []) options.onEnd(live, name)
    for (const id of (difference.wanted ?? []).slice(0, limits.digestEntriesMax)) due.add(formatAlertKey(id))
    isAnswered ||= !difference.more
    if ((difference.alerts ?? []).length + (difference.ends ?? []).length > 0) options.onLearned()
  }

  function close(reason: string): void {
    if (over) return
    link?.close()
    end(reason)
  }

  function end(reason: string): void {
    if (over) return
    over = true
    options.onClosed(reason)
  }

  const waiting = (): number => due.size + evidences.length + lacked.size + wanted.length + digest.length - digestAt

  const connection: PeerConnection = {
    events: {
      onMessage(message) {
        if (over) return
        heardAtMs = time.monotonicMs()
        take(message)
      },
      onDrain() {
        writable = true
        flush()
      },
      onClosed: end,
    },
    get peer() {
      return peer
    },
    get ready() {
      return ready
    },
    get vehicles() {
      return vehicles
    },
    get clock() {
      return clock.read()
    },
    get inStep() {
      return isAnswered && waiting() === 0 && !digestDue && !differenceDue
    },
    get waiting() {
      return waiting()
    },
    begin(opened) {
      link = opened
      flush()
    },
    tell(key) {
      if (peer === undefined) return // the digest has it
      due.add(key)
      flush()
    },
    tellEvidence(evidence) {
      if (peer === undefined) return
      evidences.push(evidence)
      if (evidences.length > limits.evidenceMax) {
        evidences.shift()
        count('evidence_dropped')
      }
      flush()
    },
    resync() {
      if (peer === undefined) return
      digestDue = true
      flush()
    },
    tick() {
      const silentMs = time.monotonicMs() - heardAtMs
      if (peer === undefined ? silentMs >= limits.helloWithinMs : silentMs >= limits.goneMs) {
        close(peer === undefined ? 'it did not say hello' : 'it was silent')
        return
      }
      heartbeatDue = peer !== undefined
      flush()
    },
    close,
  }
  return connection
}
