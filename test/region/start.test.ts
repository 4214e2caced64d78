// How a region starts, and how it stands while its event log is away.
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServiceClient, credentialsOf } from './region-clients.js'
import { createRegionPlace, type RegionPlace } from './region-process.js'

let place: RegionPlace

beforeEach(async () => {
  place = await createRegionPlace()
})
afterEach(() => place.remove())

test('it does not start without keys unless told to, and says loudly that it has none', async () => {
  await expect(place.start({ OUTRIDER_TLS_CA: '', OUTRIDER_TLS_CERT: '', OUTRIDER_TLS_KEY: '' })).rejects.toThrow(
    /OUTRIDER_TLS_CA is unset.*OUTRIDER_INSECURE=1/s,
  )
  const { certificate, key } = place.credentials('node', 'north-1')
  await expect(place.start({ OUTRIDER_TLS_CERT: certificate, OUTRIDER_TLS_KEY: key })).rejects.toThrow(
    /is for node north-1; must be for region region-1/,
  )
  const region = await place.start({ OUTRIDER_INSECURE: '1' })
  expect(region.log()).toContain('running_insecure')
  const ready = (await (await fetch(`http://127.0.0.1:${region.adminPort}/readyz`)).json()) as { warnings: string[] }
  expect(ready.warnings[0]).toContain('OUTRIDER_INSECURE=1')
  expect(await region.stop()).toBe(0)
})

test('wrong settings and zone tables are named', async () => {
  await expect(place.start({ OUTRIDER_REGION_PORT: '70000', OUTRIDER_REGION_ACK: 'maybe' })).rejects.toThrow(
    /OUTRIDER_REGION_PORT is "70000".*OUTRIDER_REGION_ACK is "maybe"/s,
  )
  await place.writeZones({ version: 1, zones: [{ name: 'z', footprints: [{ name: 'f', owner: 'nobody' }] }] })
  await expect(place.start()).rejects.toThrow(/footprint f names node "nobody"/)
})

test.each(['fsync', 'kafka'] as const)('while the event log is away, acknowledging by %s', async acknowledge => {
  // A file where the folder should be: the event log cannot even start.
  const folder = path.join(place.folder, 'away')
  await writeFile(folder, '')
  const region = await place.start({ OUTRIDER_EVENT_LOG: folder, OUTRIDER_REGION_ACK: acknowledge })
  const operator = createServiceClient('AlertService', region.grpcPort, credentialsOf(place, 'operator', 'control-room'))
  const at = { latitudeE7: 602_500_000, longitudeE7: 250_000_000 }
  const alert = {
    status: 'ALERT_STATUS_ACTUAL',
    cause: { code: 'CAUSE_CODE_ACCIDENT' },
    eventPosition: at,
    area: { circle: { center: at, radiusCm: 5_000 } },
  }
  let replied = false
  const issuing = operator.call('Issue', { requestId: 'r', alert }).then(response => {
    replied = true
    return response
  })
  // On the board it is in either case: warning does not wait for recording.
  for (let alerts = []; alerts.length === 0; ) alerts = (await operator.call('List', {})).alerts
  const ready = (await (await fetch(`http://127.0.0.1:${region.adminPort}/readyz`)).json()) as { checks: { eventLog: { detail: string } } }
  expect(ready.checks.eventLog.detail).toMatch(/away|not started/)
  if (acknowledge === 'fsync') await issuing
  expect(replied).toBe(acknowledge === 'fsync')
  await rm(folder)
  expect((await issuing).alert.alert.revision).toBe(1)
  operator.close()
  await region.stop()
})
