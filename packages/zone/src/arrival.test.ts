// Lead time and nuisance, as a node measures them from what its vehicles report.
import type { Arrival } from '@outrider/delivery'
import { outrider } from '@outrider/protocol'
import { describe, expect, it } from 'vitest'
import { createTestZone, positionAt, type TestVehicle } from './test-zone.js'

const { AlertStatus, DeliveryStage, IssuerRole, Priority, TrafficDirection } = outrider.v1
const speedMps = 20

/** A zone with one alert of roadworks at the origin for traffic that drives north, known to vehicles within 500 m. */
function roadworks() {
  const arrivals: (Arrival & { readonly causeCode: number })[] = []
  const zone = createTestZone({ onArrival: (arrival, causeCode) => arrivals.push({ ...arrival, causeCode }) })
  const at = positionAt(0, 0)
  const issue = () =>
    zone.core.issue({
      renewable: false,
      validityMs: 600_000,
      content: {
        detectionTimeMs: zone.wallMs(),
        status: AlertStatus.ALERT_STATUS_ACTUAL,
        cause: { code: 3 },
        eventPosition: at,
        area: { circle: { center: at, radiusCm: 2_000 } },
        awarenessDistanceM: 500,
        trafficDirection: TrafficDirection.TRAFFIC_DIRECTION_UPSTREAM,
        referenceHeadingDecideg: 0,
        priority: Priority.PRIORITY_WARNING,
        issuerRole: IssuerRole.ISSUER_ROLE_OPERATOR,
      },
    })
  /** Drives for some seconds from where it is, a report a second. */
  const drive = (vehicle: TestVehicle, from: { eastM: number; northM: number; headingDeg: number }, seconds: number) => {
    const rad = (from.headingDeg * Math.PI) / 180
    for (let second = 0; second <= seconds; second++) {
      const alongM = speedMps * second
      vehicle.report({ ...from, speedMps, eastM: from.eastM + Math.sin(rad) * alongM, northM: from.northM + Math.cos(rad) * alongM })
      zone.pass(1_000)
    }
  }
  const show = (vehicle: TestVehicle) => {
    const { alert } = vehicle.gotten('alert')[0]!
    const shown = { alertId: alert!.id!, revision: alert!.revision!, stage: DeliveryStage.DELIVERY_STAGE_SHOWN, timeMs: zone.wallMs() }
    vehicle.send('deliveryAck', { entries: [shown] })
  }
  const reached = () => zone.records('urgent').flatMap(({ delivery }) => (delivery?.reachedTimeMs != null ? [delivery] : []))
  return { zone, issue, drive, show, arrivals, reached }
}

describe('a vehicle that is warned and comes to the hazard', () => {
  it('has the lead time from when it was shown, told once and written down', () => {
    const { zone, issue, drive, show, arrivals, reached } = roadworks()
    expect(issue().outcome).toBe('changed')
    const vehicle = zone.vehicle('v').connect()
    drive(vehicle, { eastM: 0, northM: -480, headingDeg: 0 }, 3)
    show(vehicle)
    const shownAtMs = zone.nowMs()
    drive(vehicle, { eastM: 0, northM: -400, headingDeg: 0 }, 30)
    // 400 m less 30 at 20 m/s: the sample at 20 m before it is the first within 30 m.
    expect(arrivals).toEqual([{ causeCode: 3, warned: 'shown', leadMs: 19_000 }])
    expect(reached()).toMatchObject([{ vehicle: 'v', revision: 1, reachedTimeMs: zone.wallMs() - zone.nowMs() + shownAtMs + 19_000 }])
    expect(zone.core.approaches()).toMatchObject({ shown: 1, reached: 1, left: 0, over: 0, gone: 0 })
    // Connected for 35 s; time is counted from the first tick on.
    expect(zone.core.counts.vehicleMs).toBe(34_500)
  })

  it('is counted apart if the driver was not shown it, and if the vehicle never answered', () => {
    const { zone, issue, drive, arrivals } = roadworks()
    issue()
    const [silent, mute] = [zone.vehicle('silent').connect(), zone.vehicle('mute').connect()]
    mute.answers = false
    drive(silent, { eastM: 0, northM: -200, headingDeg: 0 }, 9)
    drive(mute, { eastM: 0, northM: -60, headingDeg: 0 }, 2)
    expect(arrivals.map(({ warned }) => warned)).toEqual(['taken', 'no'])
    expect(zone.core.approaches()).toMatchObject({ shown: 0, reachedUnshown: 1, reachedUnwarned: 1 })
  })

  it('but not if it was there when the alert came', () => {
    const { zone, issue, drive, arrivals } = roadworks()
    const vehicle = zone.vehicle('v').connect()
    drive(vehicle, { eastM: 0, northM: -40, headingDeg: 0 }, 1)
    issue()
    zone.pass(500)
    expect(vehicle.gotten('alert').length).toBe(1)
    drive(vehicle, { eastM: 0, northM: -10, headingDeg: 0 }, 0)
    expect(arrivals).toEqual([])
  })
})

describe('a warning that was shown and the hazard never passed', () => {
  it('is one of a vehicle that turned off, of an alert that ended, or of a vehicle that went', () => {
    const { zone, issue, drive, show, arrivals } = roadworks()
    const issued = issue()
    const [turns, waits, goes] = ['turns', 'waits', 'goes'].map((name, index) => {
      const vehicle = zone.vehicle(name).connect()
      drive(vehicle, { eastM: 3 * index, northM: -460, headingDeg: 0 }, 1)
      show(vehicle)
      return vehicle
    })
    drive(turns!, { eastM: 0, northM: -440, headingDeg: 120 }, 10)
    expect(zone.core.approaches()).toMatchObject({ shown: 3, left: 1 })
    zone.core.closed(goes!.row)
    for (let second = 0; second < 130; second++) drive(waits!, { eastM: 3, northM: -440, headingDeg: 0 }, 0)
    expect(zone.core.approaches()).toMatchObject({ shown: 3, left: 1, gone: 1 })
    if (issued.outcome !== 'changed') throw new Error(issued.reason)
    zone.core.end(issued.changes[0]!.entry.key, { reason: 1, endedBy: IssuerRole.ISSUER_ROLE_OPERATOR })
    expect(zone.core.approaches()).toEqual({ shown: 3, reached: 0, left: 1, over: 1, gone: 1, reachedUnshown: 0, reachedUnwarned: 0 })
    expect(arrivals).toEqual([])
  })
})
