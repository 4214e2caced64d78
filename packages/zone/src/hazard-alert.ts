import type { AlertDraft } from '@outrider/alerts'
import type { DetectionPolicy, Hazard } from '@outrider/detection'
import { type Frame, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import { findCause, outrider, priorities, trafficDirections } from '@outrider/protocol'

const { Advice, AlertStatus, IssuerRole } = outrider.v1

/** What a hazard without defaults of its own gets: the standard's default awareness and validity, as a warning. */
const plain = { direction: 'all', awarenessM: 500, validityS: 60, priority: 'warning' } as const

/** The alert about a detected hazard: defaults of its cause, the circle of its uncertainty as its area, and no vehicle in it. */
export function draftOf(hazard: Hazard, sources: number, frame: Frame, policy: DetectionPolicy, wallMs: number, nowMs: number): AlertDraft {
  const { direction, awarenessM, validityS = plain.validityS, priority } = findCause(hazard.cause)?.defaults ?? plain
  const place = { latitudeE7: toLatitudeE7(frame, hazard.y), longitudeE7: toLongitudeE7(frame, hazard.x) }
  const hasHeading = !Number.isNaN(hazard.headingDeg)
  return {
    content: {
      status: AlertStatus.ALERT_STATUS_ACTUAL,
      cause: { code: hazard.cause, subCause: hazard.subCause },
      eventPosition: place,
      // Without a course nobody can be left out by his: all who are near are told.
      ...(hasHeading ? { referenceHeadingDecideg: Math.round(hazard.headingDeg * 10) % 3_600 } : {}),
      area: areaOf(hazard, place, policy, wallMs - (nowMs - hazard.lastAtMs)),
      ...(Number.isNaN(hazard.speedMps) ? {} : { eventSpeedCmps: Math.round(hazard.speedMps * 100) }),
      awarenessDistanceM: awarenessM,
      trafficDirection: hasHeading ? trafficDirections[direction] : trafficDirections.all,
      informationQuality: Math.min(7, sources + (hazard.sources.some(source => source.alone) ? 2 : 1)),
      priority: priorities[priority],
      advice: Advice.ADVICE_SLOW,
      issuerRole: IssuerRole.ISSUER_ROLE_DETECTED,
      detectionTimeMs: wallMs - (nowMs - hazard.firstAtMs),
      sources,
    },
    validityMs: validityS * 1_000,
    renewable: true,
  }
}

/** The circle of its uncertainty; of what moves, a rectangle that travels ahead of it, wide enough for traffic that will cross its way. */
function areaOf(
  hazard: Hazard,
  place: outrider.v1.Position.$Properties,
  policy: DetectionPolicy,
  timeMs: number,
): outrider.v1.Area.$Properties {
  const { speedMps, uncertaintyM, headingDeg } = hazard
  if (Number.isNaN(speedMps)) return { circle: { center: place, radiusCm: Math.ceil(Math.max(policy.radiusMMin, uncertaintyM) * 100) } }
  const aheadM = Math.min(policy.emergencyAheadMMax, Math.max(policy.emergencyAheadMMin, policy.emergencyAheadS * speedMps))
  return {
    moving: {
      position: place,
      timeMs,
      headingDecideg: Math.round(headingDeg * 10) % 3_600,
      speedCmps: Math.round(speedMps * 100),
      aheadCm: Math.round(aheadM * 100),
      behindCm: Math.ceil(Math.max(policy.radiusMMin, uncertaintyM) * 100),
      widthCm: Math.round(policy.emergencyWidthM * 100),
    },
  }
}
