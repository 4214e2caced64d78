/** How an open loop went: what was offered, and how late the generator itself ever was, in ms. */
export interface Paced {
  readonly sent: number
  readonly lateMsMax: number
}

/** A generator later than this did not offer what it claims to have offered: the run must say so. */
export const lateMsAllowed = 50

/**
 * Open-loop arrivals: calls `send` `ratePerS` times a second for `durationS` seconds, by the clock, whatever the receiver does
 * (never waiting for an answer, so that a slow receiver cannot slow its own load down). Sends in slices of about 1 ms.
 */
export async function pace(ratePerS: number, durationS: number, send: (index: number) => void): Promise<Paced> {
  const startedMs = performance.now()
  const total = Math.round(ratePerS * durationS)
  let sent = 0
  let lateMsMax = 0
  while (sent < total) {
    const elapsedMs = performance.now() - startedMs
    const due = Math.min(total, Math.floor((elapsedMs * ratePerS) / 1000) + 1)
    if (due > sent) lateMsMax = Math.max(lateMsMax, elapsedMs - (sent * 1000) / ratePerS)
    while (sent < due) send(sent++)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  return { sent, lateMsMax }
}

/** A clock all processes of one machine share (CLOCK_MONOTONIC), ms. */
export function sharedNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
