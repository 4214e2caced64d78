import type { VehicleEventBody, VehicleStats } from './vehicle-events.js'

export interface VehicleTally {
  count(event: VehicleEventBody): void
  sampled(): void
  samplesGivenUp(samples: number): void
  showed(): void
  /** A copy. */
  readonly stats: VehicleStats
}

/** Counts what happens. Keys of the records are names from fixed lists, so that nothing grows. */
export function createVehicleTally(): VehicleTally {
  const counts = {
    samples: 0,
    samplesGivenUp: 0,
    telemetrySent: 0,
    urgentSent: 0,
    urgentRepeated: 0,
    accepted: 0,
    unacknowledged: 0,
    urgentExpired: 0,
    taken: 0,
    raised: 0,
    shown: 0,
    linksWelcomed: 0,
    linksEnded: 0,
    framesIgnored: 0,
  }
  const refused: Record<string, number> = {}
  const pushes: Record<string, number> = {}
  const dropped: Record<string, number> = {}

  function addTo(record: Record<string, number>, name: string): void {
    record[name] = (record[name] ?? 0) + 1
  }
  function decided(event: Extract<VehicleEventBody, { event: 'report_decided' }>): void {
    if (event.outcome.kind === 'accepted') counts.accepted++
    else if (event.outcome.kind === 'refused') addTo(refused, event.outcome.reason)
    else if (event.isUrgent) counts.urgentExpired++
    else counts.unacknowledged++
  }
  function addTold(why: 'new' | 'priority_rose'): void {
    if (why === 'new') counts.taken++
    else counts.raised++
  }
  return {
    count(event) {
      if (event.event === 'report_sent') {
        if (!event.isUrgent) counts.telemetrySent++
        else if (event.isRepeat) counts.urgentRepeated++
        else counts.urgentSent++
      } else if (event.event === 'report_decided') decided(event)
      else if (event.event === 'alert_pushed') addTo(pushes, event.outcome)
      else if (event.event === 'alert_dropped') addTo(dropped, event.reason)
      else if (event.event === 'alert_told') addTold(event.why)
      else if (event.event === 'link_welcomed') counts.linksWelcomed++
      else if (event.event === 'link_ended') counts.linksEnded++
      else if (event.event === 'frame_ignored') counts.framesIgnored++
    },
    sampled: () => void counts.samples++,
    samplesGivenUp(samples) {
      counts.samplesGivenUp += samples
    },
    showed: () => void counts.shown++,
    get stats() {
      return { ...counts, refused: { ...refused }, pushes: { ...pushes }, dropped: { ...dropped } }
    },
  }
}
