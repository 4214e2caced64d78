/*
 * Step 1: what a frame is, and whether it may come in, before anything of it is decoded.
 *
 * Shed in this order as the overload level rises: 1 a longer interval is asked (interval.ts) → 2 telemetry far from active alerts → 3 all
 * telemetry → 4 sessions over their rate are closed with retry-after. Never: urgent reports within their own limit, acknowledgements,
 * hello, alerts; who sends more messages of any kind than anybody needs is closed by the app before they come here.
 */
import { frameTypes } from '@outrider/protocol'
import { type Session, takeToken } from './session.js'
import { type ShedReason, shedReasons } from './zone-counts.js'

export const overloadLevels = { none: 0, longerIntervals: 1, farTelemetry: 2, allTelemetry: 3, overRateSessions: 4 } as const
export type OverloadLevel = (typeof overloadLevels)[keyof typeof overloadLevels]

const telemetry = frameTypes.telemetry.number
const urgent = frameTypes.urgent.number

/** Undefined = admitted. @param isNearAlerts whether an active alert concerns the vehicle */
export function admit(session: Session, type: number, level: OverloadLevel, isNearAlerts: boolean, nowMs: number): ShedReason | undefined {
  if (type === urgent) return takeToken(session.urgent, nowMs) ? undefined : shedReasons.overRate
  if (type !== telemetry) return undefined
  if (!takeToken(session.telemetry, nowMs)) return shedReasons.overRate
  if (level >= overloadLevels.allTelemetry) return shedReasons.allTelemetry
  return level >= overloadLevels.farTelemetry && !isNearAlerts ? shedReasons.farFromAlerts : undefined
}

export function isReportType(type: number): boolean {
  return type === telemetry || type === urgent
}

/**
 * The number of a report that is not decoded, so that the vehicle can be told it was shed: SDKs write it first. 0 if it is not there; then
 * nothing is said about that report, and telemetry is never sent again anyway.
 */
export function peekReportNumber(message: Uint8Array): number {
  if (message[0] !== 8) return 0
  let value = 0
  let scale = 1
  for (let at = 1; at < Math.min(message.length, 6); at++) {
    const byte = message[at]!
    value += (byte & 127) * scale
    if (byte < 128) return value <= 0xffff_ffff ? value : 0
    scale *= 128
  }
  return 0
}
