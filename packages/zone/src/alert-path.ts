/*
 * The alert path, in the order data takes. From a frame's bytes to ordered outboxes it is one synchronous function, `receiveFrame`; `flush`,
 * run once per turn of the loop, does the sending. Everything it knows is in the zone's state, everything outside (clock, sockets, logs) is
 * an argument in there: the edge, evaluate, the simulation and the bench run this very code, and the same calls give the same alerts.
 *
 *   1 admit → 2 decode → for each sample: 3 plausible, 4 track, 6 detect → 5 enter → 7 corroborate → 8 issue → 9 encode → 10 match → 12 record
 *   and once per turn: 11 flush
 *
 * Whatever is refused is counted by its reason and goes no further. A sample is detected before the vehicle enters alerts, so that detectors
 * see each of ten samples with the row as it was then; the vehicle enters once, with where it is now.
 */
import type { AlertChange, AlertOutcome, StandingAlert } from '@outrider/alerts'
import { DeliveryError, type FlushResult } from '@outrider/delivery'
import {
  countAgainst,
  detectors,
  evidenceLastsMs,
  type Hazard,
  type HazardChange,
  implausibleReasons,
  judgeSample,
  judgeTime,
  trackSample,
} from '@outrider/detection'
import { type CompiledArea, toLatitudeE7, toLongitudeE7, toX, toY } from '@outrider/geo'
import {
  causes,
  decodeReport,
  flagBit,
  formatAlertKey,
  frameTypes,
  outrider,
  ProtocolError,
  reportOutcomes,
  withoutUnknownFields,
} from '@outrider/protocol'
import { acknowledgeWhenSynced } from './acknowledge.js'
import { isReportType, peekReportNumber } from './admission.js'
import { admitFrame } from './admit-frame.js'
import { arrive, isAtHazard } from './arrival.js'
import { anchorClock, nowOf, wallOf } from './clocks.js'
import { isConcerned } from './concerned.js'
import { receiveControl } from './control-frames.js'
import { evidenceSpeaksOf, explanationOf, isOriginAlive, twinsOf } from './explained.js'
import { takeEvidence, tellEvidence } from './foreign-evidence.js'
import { draftOf } from './hazard-alert.js'
import { nearestFirst } from './pending-matches.js'
import { refuseReport } from './refuse.js'
import { createRelevance, type Relevance } from './relevance.js'
import { closeSession } from './send-control.js'
import type { Session } from './session.js'
import { type Reckoning, reckon } from './silent-vehicles.js'
import { adoptHolder, adoptHolders, tellHolders } from './tell-unheard.js'
import { eventDistanceM, timeToHazardMs } from './time-to-hazard.js'
import { count, evidenceRefusals, frameRefusals, recordRefusals } from './zone-counts.js'
import { noPeers } from './zone-peers.js'
import { stages } from './zone-ports.js'
import type { ZoneState } from './zone-state.js'

const { EndReason, IssuerRole, RefusalReason, VerdictKind } = outrider.v1
/** One report in 64 has its steps timed; a clock read costs 43 ns. */
const timedMask = 63
/** The time to hazard from which any alert is imminent (codes.md). */
const imminentMs = 10_000
/** How long the alert of the node that acts at a place is waited for: some hundred times what evidence and alert take between neighbours. */
const deferMs = 500
const emergencyVehicle = causes.emergencyVehicleApproaching.code
const callsForHelp = flagBit('ecall_manual')
const reckoning: Reckoning = { x: 0, y: 0, uncertaintyM: 0 }

/** Takes one message of a vehicle's socket. `bytes` are only read during the call. */
export function receiveFrame(zone: ZoneState, row: number, bytes: Uint8Array, isText: boolean): void {
  const session = zone.sessions.at(row)
  if (session === undefined || !session.connected) {
    count(zone.counts.framesRefused, frameRefusals.noSession)
    return
  }
  const nowMs = zone.clock.monotonicMs()
  const isTimed = zone.onStages !== undefined && (zone.received++ & timedMask) === 0
  if (isTimed) {
    zone.stageTimes.fill(0)
    zone.stageTimes[stages.receive] = nowMs
  }

  // 1 admit
  const frame = admitFrame(zone, session, bytes, isText, nowMs)
  if (frame === undefined) return
  if (isTimed) zone.stageTimes[stages.admit] = zone.readMs()
  const type = frame[0]!
  if (isReportType(type)) receiveReport(zone, session, frame.subarray(1), type === frameTypes.urgent.number, nowMs, isTimed)
  else receiveControl(zone, session, frame, nowMs)
}

function receiveReport(zone: ZoneState, session: Session, message: Uint8Array, urgent: boolean, nowMs: number, isTimed: boolean): void {
  const { report, tracks, counts, stageTimes } = zone
  const { row, numbers } = session

  // 2 decode
  const decoded = decodeReport(message, report)
  count(counts.reports, decoded)
  if (decoded !== reportOutcomes.ok) {
    refuseReport(zone, session, decoded, peekReportNumber(message), report.problemField)
    return
  }
  if (numbers.isKnown(report.number)) {
    counts.reportsRepeated++
    numbers.tellAgain()
    if (urgent) acknowledgeWhenSynced(zone, session)
    return
  }
  tracks.heardAtMs[row] = nowMs
  if (isTimed) stageTimes[stages.decode] = zone.readMs()

  // 3 plausible, 4 track, 6 detect: sample by sample
  const wasAtMs = tracks.atMs[row]!
  const believed = takeSamples(zone, session, nowMs)
  if (isTimed) stageTimes[stages.detect] = zone.readMs()

  // 4 and 5: where the vehicle is now, and which alerts concern it there
  if (tracks.atMs[row] !== wasAtMs) {
    placeVehicle(zone, row)
    enter(zone, row, nowMs)
  }
  if (isTimed) stageTimes[stages.enter] = zone.readMs()

  // 7 to 10
  const isEvidence = session.primary && !isDistrusted(zone, row)
  if (!isTimed && (zone.found.length > 0 || report.verdicts.length > 0)) {
    stageTimes.fill(0)
    stageTimes[stages.receive] = nowMs
  }
  const issued = corroborate(zone, session, isEvidence, nowMs)
  if (issued) stageTimes[stages.match] = zone.readMs()

  // 12 record
  record(zone, session, message, urgent, believed, nowMs)
  if (tracks.distrust[row]! > zone.policy.distrustCloseMax) closeSession(zone, session, 'implausible')
  if (!isTimed && !issued) return
  stageTimes[stages.record] = zone.readMs()
  zone.onStages?.(stageTimes, row)
}

/** Steps 3, 4 and 6. @returns why the report is refused, or undefined if at least one of its samples was believed or merely late */
function takeSamples(zone: ZoneState, session: Session, nowMs: number): (typeof recordRefusals)['implausible' | 'stale'] | undefined {
  const { report, tracks, sample, sighting, frame, counts, detection, found, surroundings } = zone
  const { row } = session
  found.length = 0
  anchorClock(zone, row, nowMs)
  const offsetMs = tracks.offsetMs[row]!
  let taken = 0
  let stale = 0
  const isTrusted = session.primary && !isDistrusted(zone, row)
  for (let index = 0; index < report.sampleCount; index++) {
    counts.samples++
    sample.atMs = report.timeMs + report.offsetMs[index]! + offsetMs
    sample.flags = report.flags[index]!
    if ((sample.flags & callsForHelp & ~tracks.flags[row]!) !== 0) counts.manualECalls++
    const hasPosition = !Number.isNaN(report.latitudeDeg[index]!)
    if (!hasPosition && tracks.samples[row] === 0) continue
    let isCurrent = false
    if (hasPosition) {
      sample.x = toX(frame, Math.round(report.longitudeDeg[index]! * 1e7))
      sample.y = toY(frame, Math.round(report.latitudeDeg[index]! * 1e7))
      sample.speedMps = report.speedMps[index]!
      sample.accuracyM = report.accuracyM[index]!
    } else {
      // Without a position it cannot be tracked, but what it says happened where the vehicle was last seen.
      sample.x = tracks.x[row]!
      sample.y = tracks.y[row]!
    }
    // 3 plausible
    const reason = hasPosition ? judgeSample(tracks, row, sample, nowMs, frame, detection) : judgeTime(sample.atMs, nowMs, detection)
    if (hasPosition || reason !== undefined) countAgainst(tracks, row, reason)
    if (reason !== undefined) {
      count(counts.samplesImplausible, reason)
      if (reason === implausibleReasons.stale) stale++
      if (reason !== implausibleReasons.late) continue
    } else if (hasPosition) {
      // 4 track
      trackSample(tracks, row, report, index, sample, frame, detection)
      isCurrent = true
    }
    taken++
    // What the road is like is asked of many, and said by those who are trusted.
    if (isTrusted) surroundings.conditions.note(row, session.vehicle, report, index, sample.x, sample.y, sample.atMs)
    // 6 detect
    sighting.index = index
    sighting.flags = sample.flags
    sighting.x = sample.x
    sighting.y = sample.y
    sighting.atMs = sample.atMs
    sighting.current = isCurrent
    for (const detector of detectors) {
      if (!isCurrent && !detector.late) continue
      const findings = detector.find(surroundings, row, sighting)
      for (let at = 0; at < findings.length; at++) found.push({ detector: detector.name, finding: findings[at]!, atMs: sample.atMs })
    }
    // Last, so that nobody's own sample is usual to itself.
    if (isCurrent) surroundings.usual.learn(row)
  }
  if (taken > 0) return undefined
  return stale === report.sampleCount ? recordRefusals.stale : recordRefusals.implausible
}

function placeVehicle({ tracks, grid, standing }: ZoneState, row: number): void {
  grid.place(row, tracks.x[row]!, tracks.y[row]!)
  if (Number.isNaN(tracks.standingSinceMs[row]!)) standing.remove(row)
  else standing.place(row, tracks.x[row]!, tracks.y[row]!)
}

/** Step 5: alerts that now concern the vehicle go into its outbox; those that no longer do, by more than jitter, are withdrawn. */
function enter(zone: ZoneState, row: number, nowMs: number): void {
  const { active, concerns, deliveries, tracks, slots, policy } = zone
  const x = tracks.x[row]!
  const y = tracks.y[row]!
  const courseDeg = tracks.courseDeg[row]!
  const around = active.size === 0 ? 0 : Math.min(active.around(x, y, slots), slots.length)
  const settled = settledConcerns(zone, row, around)
  for (let index = concerns.countOf(row) - 1; index >= 0; index--) {
    if (((settled >>> index) & 1) === 1) continue
    const slot = concerns.at(row, index)
    const relevance = active.relevanceOf(slot)
    // Known from records only, after a crash: whether it concerns him is asked when the registry knows it.
    if (relevance === undefined && zone.recovered.has(slot)) continue
    // Before it is asked whether he is still concerned: who has just passed is not any more.
    if (relevance !== undefined && isAtHazard(relevance, x, y, courseDeg)) arrive(zone, row, slot, nowMs)
    // News since then: no benefit of the doubt, or who was withdrawn by a revision would never be told when it concerns him after all.
    const version = concerns.versionAt(row, index)
    const isNews = version !== active.versionOf(slot)
    // What he brought with him (version 0) concerned him elsewhere or before: the doubt is his.
    const marginM = isNews && version !== 0 ? 0 : policy.withdrawM
    const marginDeg = isNews && version !== 0 ? 0 : policy.withdrawDeg
    const isStill = relevance !== undefined && isConcerned(relevance, x, y, courseDeg, marginM, marginDeg)
    if (isStill && (!isNews || (version === 0 && !isConcerned(relevance, x, y, courseDeg, 0, 0)))) continue
    concerns.remove(row, slot)
    if (relevance !== undefined && !isStill) deliveries.withdraw(row, slot, nowMs)
  }
  let isImminent = false
  for (let index = 0; index < around; index++) {
    const slot = slots[index]! >> 1
    if (concerns.has(row, slot)) continue
    const relevance = active.relevanceOf(slot)!
    if (!isConcerned(relevance, x, y, courseDeg, 0, 0)) continue
    if (target(zone, row, slot, relevance, x, y, nowMs)) isImminent = true
  }
  // After all of them, so that what enters together goes out in one write, the most urgent first.
  if (isImminent) sendAtOnce(zone, row, nowMs)
}

/**
 * What the index has answered of what concerned the vehicle, a bit for each: without news, it is in an area whose direction asks for no course.
 * Half of what a report costs among 10,000 alerts was to ask the same once more.
 */
function settledConcerns({ active, concerns, slots }: ZoneState, row: number, around: number): number {
  if (concerns.countOf(row) === 0) return 0
  let settled = 0
  for (let at = 0; at < around; at++) {
    if ((slots[at]! & 1) === 0) continue
    const slot = slots[at]! >> 1
    const index = concerns.indexOf(row, slot)
    if (index < 0 || concerns.versionAt(row, index) !== active.versionOf(slot)) continue
    if (active.relevanceOf(slot)!.reach.area.direction === 'both') settled |= 1 << index
  }
  return settled
}

/** Puts one alert into one outbox. True if it is new there and imminent. */
function target(zone: ZoneState, row: number, slot: number, relevance: Relevance, x: number, y: number, nowMs: number): boolean {
  const { tracks } = zone
  if (zone.unheard.size > 0) adoptHolder(zone, row, slot, nowMs)
  const toHazardMs = timeToHazardMs(relevance, x, y, tracks.speedMps[row]!, tracks.courseDeg[row]!)
  const outcome = zone.deliveries.target(row, slot, toHazardMs, eventDistanceM(relevance, x, y), nowMs)
  count(zone.counts.targets, outcome)
  if (outcome !== 'full' && outcome !== 'over') zone.concerns.add(row, slot, zone.active.versionOf(slot))
  return outcome === 'opened' && (relevance.isImminent || (toHazardMs >= 0 && toHazardMs <= imminentMs))
}

/** Steps 7 and 8 for what the report's samples and verdicts say. True if an alert was issued or changed. */
function corroborate(zone: ZoneState, session: Session, isEvidence: boolean, nowMs: number): boolean {
  const { found, hazards, tracks, counts, report, detection } = zone
  const { row, vehicle } = session
  let issued = false
  let isSubject = false
  for (const { detector, finding, atMs } of found) {
    count(counts.evidence, detector)
    if (!isEvidence) {
      count(counts.evidenceRefused, session.primary ? evidenceRefusals.distrusted : evidenceRefusals.standby)
      continue
    }
    if (finding.cause === emergencyVehicle && vehicle.role !== 'emergency') {
      count(counts.evidenceRefused, evidenceRefusals.unentitled)
      continue
    }
    if (nowMs - atMs > evidenceLastsMs(finding.cause)) {
      count(counts.evidenceRefused, evidenceRefusals.outdated)
      continue
    }
    const change = hazards.add({ ...finding, detector, row, vehicle, atMs }, tracks.subjectOf[row]!)
    isSubject ||= finding.subject
    if (finding.subject && change.kind !== 'none') tracks.subjectOf[row] = change.hazard.number
    if (change.kind !== 'none' && zone.peers !== noPeers)
      tellEvidence(zone, detector, finding, vehicle, atMs, alertOf(zone, change.hazard)?.id)
    issued = tell(zone, change) || issued
  }
  const subject = tracks.subjectOf[row]!
  if (subject !== 0 && !isSubject && tracks.speedMps[row]! >= detection.passingMpsMin) {
    issued = tell(zone, hazards.movedOn(subject, row, tracks.x[row]!, tracks.y[row]!)) || issued
  }
  if (!isEvidence) return issued
  for (const verdict of report.verdicts) {
    if (verdict.alertId == null) continue
    const key = formatAlertKey(verdict.alertId)
    const confirms = verdict.kind === VerdictKind.VERDICT_KIND_CONFIRM
    if (!confirms && verdict.kind !== VerdictKind.VERDICT_KIND_GONE && verdict.kind !== VerdictKind.VERDICT_KIND_WRONG) continue
    count(counts.evidence, 'verdict')
    tellVerdict(zone, row, vehicle, key, confirms, nowMs)
    issued = tell(zone, hazards.judge(key, row, vehicle, confirms, nowMs)) || issued
  }
  return issued
}

/** Steps 7 and 8 for what another node's vehicle saw. */
export function takePeerEvidence(zone: ZoneState, evidence: outrider.v1.Evidence.$Properties): void {
  const change = takeEvidence(zone, evidence)
  if (change !== undefined) tell(zone, change)
}

/** The active alert that a hazard is known by, if its origin lives: what is seen of it is for that one to judge. */
function alertOf(zone: ZoneState, hazard: Hazard): StandingAlert<CompiledArea> | undefined {
  const entry = hazard.alertKey === undefined ? explanationOf(zone, hazard) : zone.registry.get(hazard.alertKey)
  return entry?.state === 'active' && isOriginAlive(zone, entry.id) ? entry : undefined
}

/** What a driver says of another node's alert is for that node to judge. */
function tellVerdict(zone: ZoneState, row: number, vehicle: Session['vehicle'], key: string, confirms: boolean, nowMs: number): void {
  const entry = zone.registry.get(key)
  if (entry?.state !== 'active' || entry.own) return
  const { code = 0, subCause = 0 } = { code: entry.alert.cause?.code ?? 0, subCause: entry.alert.cause?.subCause ?? 0 }
  const place = { x: zone.tracks.x[row]!, y: zone.tracks.y[row]!, uncertaintyM: 0, headingDeg: Number.NaN }
  const finding = { cause: code, subCause, ...place, alone: false, subject: false }
  tellEvidence(zone, 'verdict', finding, vehicle, nowMs, entry.id, !confirms)
}

/** Step 8: a hazard becomes an alert, a new revision, or an end. @param waited the alert of the node that acts there did not come */
function tell(zone: ZoneState, change: HazardChange, waited = false): boolean {
  if (change.kind !== 'none' && zone.orphans.size > 0 && adopt(zone, change.hazard)) return false
  if (change.kind === 'none' || change.kind === 'joined') return false
  const { hazard } = change
  if (change.kind === 'over') {
    applyOutcome(
      zone,
      zone.registry.end(change.alertKey, { reason: EndReason.END_REASON_RESOLVED, endedBy: IssuerRole.ISSUER_ROLE_DETECTED }, nowOf(zone)),
    )
    return true
  }
  if (hazard.alertKey === undefined && explanationOf(zone, hazard) !== undefined) {
    count(zone.counts.evidenceRefused, evidenceRefusals.explained)
    return false
  }
  if (hazard.alertKey === undefined && !waited && isLeftToPeer(zone, hazard)) {
    if (!zone.deferred.has(hazard)) zone.deferred.set(hazard, zone.clock.monotonicMs() + deferMs)
    count(zone.counts.evidenceRefused, evidenceRefusals.deferred)
    return false
  }
  // Another node's alert that is the hazard's: it was told what was seen, and writes the revision.
  if (hazard.alertKey !== undefined && zone.registry.get(hazard.alertKey)?.own === false) return false
  const now = nowOf(zone)
  zone.stageTimes[stages.issue] = now.monotonicMs
  const draft = draftOf(hazard, zone.hazards.sourcesOf(hazard), zone.frame, zone.detection, now.wallMs, now.monotonicMs)
  const { alertKey } = hazard
  const outcome = alertKey === undefined ? zone.registry.issue(draft, now) : zone.registry.revise(alertKey, draft, now)
  if (outcome.outcome === 'changed') linkHazard(zone, hazard, outcome.changes)
  applyOutcome(zone, outcome)
  return outcome.outcome === 'changed'
}

function isLeftToPeer({ peers, frame }: ZoneState, { x, y }: Hazard): boolean {
  return peers.isLeftToPeer(toLatitudeE7(frame, y), toLongitudeE7(frame, x))
}

/** Issues what the node that acts there did not, within `deferMs`: nobody goes unwarned because it saw less than this one. Call with each tick. */
export function issueDeferred(zone: ZoneState): void {
  const nowMs = zone.clock.monotonicMs()
  for (const [hazard, untilMs] of zone.deferred) {
    const isOpen = hazard.alertKey === undefined && !hazard.over
    if (isOpen && nowMs < untilMs && isLeftToPeer(zone, hazard)) continue
    zone.deferred.delete(hazard)
    if (isOpen) tell(zone, { kind: 'public', hazard }, true)
  }
}

/** Evidence of what an alert speaks of that was taken over without any: from now on it lasts as long as the evidence. */
function adopt(zone: ZoneState, hazard: Hazard): boolean {
  if (hazard.alertKey !== undefined || hazard.over) return false
  for (const key of zone.orphans) {
    if (!evidenceSpeaksOf(zone, key, hazard)) continue
    zone.orphans.delete(key)
    zone.hazards.published(hazard, key)
    // The other side may have taken over its own alert of the same hazard while neither heard the other.
    const twin = explanationOf(zone, hazard)
    if (twin !== undefined)
      applyOutcome(
        zone,
        zone.registry.mergeTwins(twin.key, key, nowOf(zone), id => isOriginAlive(zone, id)),
      )
    return true
  }
  return false
}

function linkHazard(zone: ZoneState, hazard: Hazard, changes: readonly AlertChange<CompiledArea>[]): void {
  for (const change of changes) {
    if (change.kind === 'issued' || change.kind === 'revised') zone.hazards.published(hazard, change.entry.key)
  }
}

/** What came of a call of the registry, whoever made it: a detector, the region, a tick. */
export function applyOutcome(zone: ZoneState, outcome: AlertOutcome<CompiledArea>): void {
  if (outcome.outcome === 'changed') applyChanges(zone, outcome.changes)
  else count(zone.counts.alertsRefused, outcome.reason)
}

/** Steps 8 to 10 and 12 of alerts: what the registry decided becomes deliveries and records. */
export function applyChanges(zone: ZoneState, changes: readonly AlertChange<CompiledArea>[]): void {
  const { deliveries, active, hazards, counts } = zone
  const nowMs = zone.clock.monotonicMs()
  for (const change of changes) {
    const { key } = change.entry
    // A renewal of what this node missed, or had let expire, is news: the area may have moved, and others are in it.
    const isRenewal = change.kind === 'revised' && change.entry.alert.renewal === true && isNext(change.before, change.entry)
    count(counts.alerts, isRenewal ? 'renewed' : change.kind)
    if (change.kind === 'issued' || change.kind === 'revised') {
      for (const replaced of change.entry.alert.replaces ?? []) hazards.rekey(formatAlertKey(replaced), key)
      publish(zone, change.entry, isRenewal, nowMs)
      if (change.made === 'here') zone.log.append('urgent', zone.records.other({ authority: zone.authority, alert: change.entry.alert }))
      zone.peers.tell(change)
      if (!isRenewal) mergeTwins(zone, change.entry)
      continue
    }
    zone.orphans.delete(key)
    const slot = deliveries.slotOf(key)
    if (change.kind === 'forgotten') {
      if (slot !== undefined) deliveries.forget(slot, nowMs)
      continue
    }
    if (change.kind === 'expired') {
      hazards.closed(key, false)
      if (slot !== undefined) deliveries.expire(slot, nowMs)
    } else {
      const { ending, revision, keepUntilWallMs, id } = change.entry
      if (ending.reason !== EndReason.END_REASON_REPLACED) hazards.closed(key, !goesOn.has(ending.reason ?? 0))
      if (slot !== undefined) deliveries.end(slot, ending, nowMs)
      // Delivery knows an alert that was only recovered from records, but not who says he holds it.
      tellHolders(zone, change.entry)
      const end = { alertId: id, revision, ending, keepUntilMs: keepUntilWallMs }
      if (change.made === 'here') {
        zone.log.append('urgent', zone.records.other({ authority: zone.authority, end }))
      }
      zone.peers.tell(change)
    }
    if (slot !== undefined) active.delete(slot)
  }
}

/** One hazard, one alert: of an own detected one and somebody else's, one ends; on both sides of a border it is the same one. */
function mergeTwins(zone: ZoneState, entry: StandingAlert<CompiledArea>): void {
  const relevance = zone.active.relevanceOf(zone.deliveries.slotOf(entry.key) ?? -1)
  if (relevance === undefined) return
  for (const twin of twinsOf(zone, entry, relevance))
    applyOutcome(
      zone,
      zone.registry.mergeTwins(entry.key, twin, nowOf(zone), id => isOriginAlive(zone, id)),
    )
}

/**
 * Ends that say nothing about the hazard: it is explained for as long as the alert stands that goes on for it (the twin's, the acting owner's),
 * and no longer. Else the same evidence makes no new alert.
 */
const goesOn: ReadonlySet<number> = new Set([EndReason.END_REASON_MERGED, EndReason.END_REASON_ORIGIN_LOST])

/** True if what lasted until now goes on, so that who was concerned still is. */
function isNext(before: StandingAlert<CompiledArea>, entry: StandingAlert<CompiledArea>): boolean {
  return before.state === 'active' && before.revision + 1 === entry.revision
}

/** Steps 9 and 10: bytes once per subprotocol and revision, then all who are concerned. */
function publish(zone: ZoneState, entry: StandingAlert<CompiledArea>, isRenewal: boolean, nowMs: number): void {
  const { deliveries, active, frame, policy, counts } = zone
  let slot: number
  try {
    slot = deliveries.publish({ id: entry.id, revision: entry.revision, alert: entry.alert, validUntilMs: entry.validUntilMs })
  } catch (error) {
    if (!(error instanceof DeliveryError || error instanceof ProtocolError)) throw error
    // Too many alerts at once, or one too large for a frame: it goes to nobody, and is counted.
    count(counts.alertsRefused, error.code)
    return
  }
  const relevance = createRelevance(entry, frame, zone.clock.wallMs(), policy.silentUncertaintyMMax)
  active.set(slot, entry.key, relevance, !isRenewal)
  if (isRenewal) deliveries.targetHolders(slot, nowMs)
  const isDone = isRenewal ? !zone.pendingMatches.has(slot) : match(zone, slot, relevance, nowMs)
  if (isDone) settle(zone, slot, entry.key, nowMs)
}

/** All who are concerned are targeted: the rest is withdrawn. Who brought the alert along is asked with his next report, he may not have said yet where he is. */
function settle(zone: ZoneState, slot: number, key: string, nowMs: number): void {
  zone.deliveries.settle(slot, nowMs)
  if (zone.unheard.size > 0) adoptHolders(zone, key, slot, nowMs)
}

/**
 * Step 10: candidates from the grid, then the exact test, each where it is or is reckoned to be. Delivery orders them by time to hazard. More
 * candidates than a slice are left to the flushes that follow. False if so.
 */
export function match(zone: ZoneState, slot: number, relevance: Relevance, nowMs: number): boolean {
  const { grid, rows, tracks, policy, pendingMatches, active } = zone
  const candidates = Math.min(grid.queryReach(relevance.wide, rows), rows.length)
  if (candidates > policy.matchRows) {
    const { isImminent } = relevance
    const nearest = nearestFirst(rows, candidates, tracks.x, tracks.y, relevance)
    pendingMatches.set({ slot, version: active.versionOf(slot), isImminent, rows: nearest, done: 0 })
    return false
  }
  pendingMatches.delete(slot)
  let imminent = 0
  let last = -1
  for (let index = 0; index < candidates; index++) {
    const row = rows[index]! >> 1
    if (!matchRow(zone, row, slot, relevance, nowMs)) continue
    imminent++
    last = row
  }
  if (imminent === 1) sendAtOnce(zone, last, nowMs)
  return true
}

/** The exact test of one vehicle. True if the alert is new to it and imminent. */
function matchRow(zone: ZoneState, row: number, slot: number, relevance: Relevance, nowMs: number): boolean {
  const { x, y, uncertaintyM } = reckon(zone, row, nowMs, reckoning)
  return isConcerned(relevance, x, y, zone.tracks.courseDeg[row]!, uncertaintyM, 0) && target(zone, row, slot, relevance, x, y, nowMs)
}

/** The next slice of the alerts that have more candidates than one; with the last one the rest is withdrawn. */
function matchSlice(zone: ZoneState, nowMs: number): void {
  const { pendingMatches, active, grid, policy } = zone
  let left = policy.matchRows
  for (let pending = pendingMatches.first(); pending !== undefined && left > 0; pending = pendingMatches.first()) {
    const { slot, rows } = pending
    const relevance = active.relevanceOf(slot)
    if (relevance === undefined || active.versionOf(slot) !== pending.version) {
      pendingMatches.delete(slot)
      continue
    }
    const end = Math.min(rows.length, pending.done + left)
    left -= end - pending.done
    for (; pending.done < end; pending.done++) {
      const row = rows[pending.done]!
      // Who has gone meanwhile is not looked for; who has the row by now is looked at where he is.
      if (grid.has(row)) matchRow(zone, row, slot, relevance, nowMs)
    }
    if (pending.done < rows.length) return
    pendingMatches.delete(slot)
    settle(zone, slot, active.keyOf(slot)!, nowMs)
  }
}

/** Step 11 for a single imminent recipient, who does not wait for the turn to end. */
function sendAtOnce(zone: ZoneState, row: number, nowMs: number): void {
  zone.deliveries.flushRow(row, nowMs)
}

/** Step 11, after the rest of step 10 if there is one: one write per socket for all that is due to it, the most urgent first. Call once per turn, and again next turn while there is more. */
export function flush(zone: ZoneState): FlushResult {
  const nowMs = zone.clock.monotonicMs()
  if (zone.pendingMatches.size > 0) matchSlice(zone, nowMs)
  const { sends, more } = zone.deliveries.flush(nowMs, zone.policy.flushSends)
  return { sends, more: more || zone.pendingMatches.size > 0 }
}

/** Step 12: accepted reports go to their lane. Durable later; acknowledged only then. */
function record(
  zone: ZoneState,
  session: Session,
  message: Uint8Array,
  urgent: boolean,
  refused: (typeof recordRefusals)['implausible' | 'stale'] | undefined,
  nowMs: number,
): void {
  const { report, counts, records, log, tracks } = zone
  const { numbers, head } = session
  const reason = session.primary ? refused : recordRefusals.standby
  if (reason !== undefined) {
    count(counts.reportsRefused, reason)
    numbers.refuse(report.number, refusalReasons[reason])
    if (urgent) acknowledgeWhenSynced(zone, session)
    return
  }
  const receivedWallMs = wallOf(zone, nowMs)
  const clockOffsetMs = tracks.offsetMs[session.row]! + (receivedWallMs - nowMs)
  const lane = urgent ? 'urgent' : 'telemetry'
  const kept = report.mayHoldUnknown ? withoutUnknownFields(message) : message
  const sequence = log.append(lane, records.report(head!, receivedWallMs, clockOffsetMs, kept, urgent))
  if (sequence === undefined) {
    // An urgent report is left open: it comes again, here or at another node. Telemetry does not, so that its number is settled.
    count(counts.reportsRefused, recordRefusals.notRecorded)
    if (!urgent) numbers.refuse(report.number, RefusalReason.REFUSAL_REASON_SHED)
    return
  }
  counts.reportsAccepted[lane]++
  numbers.accept(report.number, lane, sequence)
  if (urgent) acknowledgeWhenSynced(zone, session)
}

const refusalReasons = {
  standby: RefusalReason.REFUSAL_REASON_STANDBY,
  implausible: RefusalReason.REFUSAL_REASON_IMPLAUSIBLE,
  stale: RefusalReason.REFUSAL_REASON_STALE,
} as const

function isDistrusted({ tracks, detection }: ZoneState, row: number): boolean {
  return tracks.distrust[row]! > detection.distrustMax
}
