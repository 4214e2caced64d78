import { expect, test } from 'vitest'
import { flagBits, type TrafficSample } from '../traffic-sample.js'
import { readTrace } from './read-trace.js'

async function read(text: string, origin?: { lat: number; lon: number }) {
  const reading = readTrace([text], { origin })
  const samples: TrafficSample[] = []
  for await (const sample of reading.samples) samples.push(sample)
  return { samples, report: reading.report() }
}

/** One message as these records have it, with changes to its core and its second part. */
function message(core: object, partII: readonly object[] = []) {
  const coreData = {
    msgCnt: 1,
    id: 'A1',
    accuracy: { semiMajor: 20, semiMinor: 15, orientation: 0 },
    transmission: 'forwardGears',
    accelSet: { long_mpss: -1.5, lat_mpss: 0.8, vert_mpss: -0.2, yaw_dps: 4 },
    brakes: { wheelBrakes: '00', traction: 'unavailable', abs: 'unavailable', scs: 'unavailable', auxBrakes: 'unavailable' },
    size: { width: 200, length: 782 },
    X_m: 0,
    Y_m: 0,
    Z_m: 0,
    T_s: 0,
    speed_mps: 10,
    heading_deg: 90,
    ...core,
  }
  return { bsmRecord: { msgHeader: {}, bsmMsg: { coreData, partII } } }
}

const event = (...messages: unknown[]) => JSON.stringify({ eventHeader: { eventType: 'fcw' }, bsmList: messages })

test('metres, seconds and J2735 units become ours; without an origin it is nowhere in particular', async () => {
  const { samples, report } = await read(event(message({ X_m: 111.32, Y_m: -110.57, T_s: -3.5 })))
  expect(report).toMatchObject({ format: 'nyc_event', rows: 1, samples: 1, rejectedValues: 0 })
  expect(samples[0]).toMatchObject({
    timeS: -3.5,
    vehicleId: 'A1',
    headingDeg: 90,
    speedMps: 10,
    accelMps2: -1.5,
    latAccelMps2: -0.8,
    yawRateDegps: 4,
    lengthM: 7.82,
    flags: 0,
  })
  expect(samples[0]!.lat).toBeCloseTo(-0.001, 5)
  expect(samples[0]!.lon).toBeCloseTo(0.001, 5)
  expect(samples[0]!.hAccM).toBeCloseTo(20 * 0.05 * 2.45, 9)
  const there = await read(event(message({ X_m: 10 })), { lat: 40.7, lon: -74 })
  expect([there.samples[0]!.lat, Math.round((there.samples[0]!.lon + 74) * 1e6)]).toEqual([40.7, 118])
})

test('vehicles one after the other are put in order of time', async () => {
  const { samples } = await read(event(...[0, 5, 9].map(T_s => message({ T_s })), ...[1, 6, 8].map(T_s => message({ T_s, id: 'B2' }))))
  expect(samples.map(({ timeS, vehicleId }) => `${vehicleId}${timeS}`)).toEqual(['A10', 'B21', 'A15', 'B26', 'B28', 'A19'])
})

test('flags: of the brakes, the gear, the event bits and the light of its own; turn signals on both sides are none', async () => {
  const part = (value: object) => [{ 'partII-Id': 0, 'partII-Value': value }]
  const flagsOf = async (core: object, partII: object[] = []) => (await read(event(message(core, partII)))).samples[0]!.flags
  expect(await flagsOf({ transmission: 'reverseGears' })).toBe(flagBits.reverse)
  expect(await flagsOf({ brakes: { abs: 'engaged', scs: 'engaged', traction: 'engaged', auxBrakes: 'on' } })).toBe(
    flagBits.abs | flagBits.esc | flagBits.tcs | flagBits.parking_brake,
  )
  // 13 bits, the first highest: hazard lights, hard braking, airbag.
  expect(await flagsOf({}, part({ events: { value: '8108', length: 13 } }))).toBe(
    flagBits.hazard_lights | flagBits.hard_brake | flagBits.airbag,
  )
  expect(await flagsOf({}, part({ lights: { value: '0800', length: 9 } }))).toBe(flagBits.hazard_lights)
  expect(await flagsOf({}, part({ lights: { value: '3000', length: 9 } }))).toBe(0)
  expect((await read(event(message({}, part({ classification: 53 }))))).samples[0]!.role).toBe('public_transport')
})

test('"unavailable" never becomes a number, on whatever side of zero', async () => {
  const { samples, report } = await read(
    event(
      message({
        accuracy: { semiMajor: 255 },
        accelSet: { long_mpss: 20.01, lat_mpss: 20.01, yaw_dps: 327.67 },
        size: { length: 0 },
        speed_mps: 163.82,
      }),
    ),
  )
  expect(samples[0]).toMatchObject({
    hAccM: undefined,
    accelMps2: undefined,
    latAccelMps2: undefined,
    yawRateDegps: undefined,
    lengthM: undefined,
  })
  expect(samples[0]!.speedMps).toBeUndefined()
  expect(report.reasons.unavailable_value?.count).toBe(6)
})

test('what is no message costs that row, what is no event is told once', async () => {
  const dirty = await read(event(null, 7, { bsmRecord: [] }, message({ T_s: 'noon' }), message({ id: null, T_s: 1 }), message({ T_s: 2 })))
  expect(dirty.report).toMatchObject({ rows: 6, samples: 1, rejectedRows: 5 })
  expect((await read(event(message({})).slice(0, -9))).report).toMatchObject({
    rows: 1,
    rejectedRows: 1,
    reasons: { malformed_line: { count: 1 } },
  })
  expect((await read('{"eventHeader": {}}')).report.reasons.malformed_line?.count).toBe(1)
})
