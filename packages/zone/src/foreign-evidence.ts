/*
 * Evidence that crosses a border: what this node's vehicles saw goes to the node that acts there, or that issued the alert it is of; what others'
 * vehicles saw joins the hazards here, by place and by the vehicles' links, so that one vehicle seen by two nodes counts once.
 */
import {
  type DetectorName,
  detectorNames,
  type Evidence,
  elsewhere,
  evidenceLastsMs,
  type Finding,
  type HazardChange,
  sourcesNeededOf,
  type VehicleLinks,
} from '@outrider/detection'
import { inFrame, toLatitudeE7, toLongitudeE7, toX, toY } from '@outrider/geo'
import { findCause, formatAlertKey, type outrider } from '@outrider/protocol'
import { wallOf } from './clocks.js'
import { count, evidenceRefusals } from './zone-counts.js'
import type { ZoneState } from './zone-state.js'

type WireEvidence = outrider.v1.Evidence.$Properties

/** What a finding that is sure by itself has, and one that has to be seconded. */
const aloneStrengthPercent = 100
const secondedStrengthPercent = 50
/** Sender's and receiver's clocks are corrected to far less; what is dated later is of no clock of ours. */
const futureMsMax = 5_000
const linkCharactersMax = 64

/** Tells the nodes concerned what a vehicle of this node saw. @param of the alert it is of, if one of another node */
export function tellEvidence(
  zone: ZoneState,
  detector: DetectorName,
  finding: Finding,
  vehicle: VehicleLinks,
  atMs: number,
  of: outrider.v1.AlertId.$Properties | undefined,
  against = false,
): void {
  const { peers, frame } = zone
  const latitudeE7 = toLatitudeE7(frame, finding.y)
  const longitudeE7 = toLongitudeE7(frame, finding.x)
  const nodes = peers.evidenceTo(latitudeE7, longitudeE7, of === undefined ? undefined : identityOf(of))
  if (nodes.length === 0) return
  const evidence: WireEvidence = {
    detector,
    cause: { code: finding.cause, subCause: finding.subCause },
    position: { latitudeE7, longitudeE7 },
    ...(Number.isNaN(finding.headingDeg) ? {} : { headingDecideg: Math.round(finding.headingDeg * 10) % 3_600 }),
    timeMs: wallOf(zone, atMs),
    strengthPercent: finding.alone ? aloneStrengthPercent : secondedStrengthPercent,
    links: vehicle.links.map(({ day, link }) => ({ day, link })),
    positionAccuracyDm: Math.min(10_000, Math.ceil(finding.uncertaintyM * 10)),
    ...(of === undefined ? {} : { alertId: of }),
    against,
  }
  peers.tellEvidence(evidence, nodes)
}

/** What another node's evidence did; undefined if it was of no use, which is counted by its reason. */
export function takeEvidence(zone: ZoneState, wire: WireEvidence): HazardChange | undefined {
  const { hazards, counts } = zone
  const read = readEvidence(zone, wire)
  if (typeof read === 'string') {
    count(counts.evidenceRefused, read)
    return undefined
  }
  const key = wire.alertId == null ? undefined : formatAlertKey(wire.alertId)
  count(counts.evidence, `peer_${read.detector}`)
  if (read.detector === 'verdict') {
    return key === undefined ? undefined : hazards.judge(key, elsewhere, read.vehicle, wire.against !== true, read.atMs)
  }
  return hazards.add(read, key === undefined ? 0 : (hazards.ofAlert(key)?.number ?? 0))
}

function readEvidence(zone: ZoneState, wire: WireEvidence): Evidence | string {
  const { frame, clock } = zone
  const detector = detectorNames.find(name => name === wire.detector)
  const { code = 0, subCause = 0 } = { code: wire.cause?.code ?? 0, subCause: wire.cause?.subCause ?? 0 }
  const { latitudeE7, longitudeE7 } = wire.position ?? {}
  const links = (wire.links ?? []).map(({ day, link }) => ({ day: day ?? 0, link: link ?? '' }))
  const isLinked = links.length >= 1 && links.length <= 2 && links.every(({ link }) => link !== '' && link.length <= linkCharactersMax)
  if (detector === undefined || latitudeE7 == null || longitudeE7 == null || !isLinked || !Number.isFinite(wire.timeMs)) {
    return evidenceRefusals.malformed
  }
  const x = toX(frame, longitudeE7)
  const y = toY(frame, latitudeE7)
  const isKnown = findCause(code) !== undefined && (detector === 'verdict' || sourcesNeededOf(code) !== undefined || isAlone(wire))
  if (!isKnown || !inFrame(x, y)) return evidenceRefusals.malformed
  const agoMs = clock.wallMs() - wire.timeMs!
  if (agoMs < -futureMsMax) return evidenceRefusals.malformed
  if (agoMs > evidenceLastsMs(code)) return evidenceRefusals.outdated
  return {
    detector,
    cause: code,
    subCause,
    x,
    y,
    uncertaintyM: (wire.positionAccuracyDm ?? 10_000) / 10,
    headingDeg: wire.headingDecideg == null ? Number.NaN : (wire.headingDecideg % 3_600) / 10,
    alone: isAlone(wire),
    // Whether it drives on, its own node sees; here the hazard runs out when no more is heard.
    subject: false,
    row: elsewhere,
    vehicle: { links },
    atMs: clock.monotonicMs() - Math.max(0, agoMs),
  }
}

function isAlone({ strengthPercent }: WireEvidence): boolean {
  return strengthPercent === aloneStrengthPercent
}

function identityOf(id: outrider.v1.AlertId.$Properties) {
  return { node: id.node ?? '', boot: id.boot ?? 0, sequence: id.sequence ?? 0 }
}
