// The recording of issue 4's proof, live: one vehicle stalls in Hamburg at 239.9 s, and who comes to it is warned of it and of nothing else.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { haversineM } from '@outrider/geo'
import { afterAll, expect, test } from 'vitest'
import { clearNodes } from '../edge/edge-node.js'
import { startTwoNodes } from './city-nodes.js'
import { clearCommands, outrider } from './outrider-lines.js'

const data = process.env.OUTRIDER_DATA ?? path.resolve(import.meta.dirname, '../../../shared/data')
const recording = path.join(data, 'traces-sumo-hamburg/incident_stalled_1hz_180-600s.csv.gz')
const isThere = existsSync(recording)
if (!isThere) console.warn(`skipped: no recorded traces in ${data}; set OUTRIDER_DATA to the folder that holds traces-sumo-hamburg`)

/** truth_incident_stalled_position.csv of the recording. */
const stalled = { vehicle: 'STALLED', latitudeDeg: 53.56586, longitudeDeg: 9.973587, fromS: 239.9 }
/** Real time: a quarter of a minute to see where vehicles pass, and three quarters with the stalled one. */
const window = { fromS: 225, untilS: 285 }

interface Warned {
  readonly atS: number
  readonly vehicle: string
  readonly alert: string
  readonly cause: number
  readonly distanceM?: number
}

interface Alert {
  readonly alert: string
  readonly cause: number
  readonly lat: number
  readonly lon: number
  readonly vehiclesWarned: number
}

afterAll(async () => {
  await clearCommands()
  await clearNodes()
})

test.skipIf(!isThere)(
  'a vehicle that stalls in a recorded city: one 94, at its place, to those who come to it, and when',
  {
    timeout: 180_000,
  },
  async () => {
    const [node] = await startTwoNodes() // the first one's footprint covers the recording
    const bounds = ['--from', String(window.fromS), '--until', String(window.untilS)]
    const replay = outrider(['replay', recording, '--to', node.url, ...bounds, '--json'], { OUTRIDER_INSECURE: '1' })
    const result = (await replay.value('result')) as unknown as { readonly alerts: readonly Alert[] }
    expect(await replay.ended).toBe(0)

    const stationary = result.alerts.filter(({ cause }) => cause === 94)
    expect(stationary).toHaveLength(1)
    const [alert] = stationary as [Alert]
    expect(haversineM(alert.lat, alert.lon, stalled.latitudeDeg, stalled.longitudeDeg)).toBeLessThan(25)

    const warned = (replay.values('warned') as unknown as Warned[]).filter(each => each.alert === alert.alert)
    // Who: each vehicle once, others than the stalled one too, some of them still on their way to it.
    const vehicles = warned.map(({ vehicle }) => vehicle)
    expect(new Set(vehicles).size).toBe(vehicles.length)
    expect(alert.vehiclesWarned).toBe(vehicles.length)
    const coming = warned.filter(({ vehicle, distanceM = 0 }) => vehicle !== stalled.vehicle && distanceM > 50)
    expect(coming.length).toBeGreaterThan(0)
    // When: not before it could be known, and those on the road then soon after.
    for (const { atS } of warned) {
      expect(atS).toBeGreaterThan(stalled.fromS + 5)
      expect(atS).toBeLessThan(window.untilS + 5)
    }
  },
)
