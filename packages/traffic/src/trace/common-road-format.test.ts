import { expect, test } from 'vitest'
import type { TrafficSample } from '../traffic-sample.js'
import { readTrace } from './read-trace.js'

async function read(text: string, origin?: { lat: number; lon: number }) {
  const reading = readTrace([text], { origin })
  const samples: TrafficSample[] = []
  for await (const sample of reading.samples) samples.push(sample)
  return { samples, report: reading.report() }
}

const exact = (name: string, value: unknown) => `<${name}><exact>${value}</exact></${name}>`
const state = (step: unknown, x: unknown, y: unknown, more = '') =>
  `<position><point><x>${x}</x><y>${y}</y></point></position>${exact('time', step)}${more}`
const shape = '<type>car</type><shape><rectangle><length>4.5</length><width>2</width></rectangle></shape>'
const obstacle = (id: number, first: string, ...states: string[]) =>
  `<dynamicObstacle id="${id}">${shape}<initialState>${first}</initialState><trajectory>${states.map(each => `<state>${each}</state>`).join('\n')}</trajectory></dynamicObstacle>`
const scenario = (...inner: string[]) =>
  `<?xml version="1.0"?>\n<commonRoad commonRoadVersion="2020a" timeStepSize="0.1">\n${inner.join('\n')}\n</commonRoad>`
const location = '<location><gpsLatitude>34.13817</gpsLatitude><gpsLongitude>-118.36365</gpsLongitude></location>'
const lanelet = '<lanelet id="2"><leftBound><point><x>1</x><y>2</y></point></leftBound></lanelet>'

test('obstacles one after the other become samples in order of time; what is no moving vehicle is not read', async () => {
  const problem = `<planningProblem id="9"><initialState>${state(0, 0, 0)}</initialState></planningProblem>`
  const parked = `<staticObstacle id="7">${shape}<initialState>${state(0, 5, 5)}</initialState></staticObstacle>`
  const { samples, report } = await read(
    scenario(
      location,
      lanelet,
      obstacle(1, state(0, 0, 0), state(1, 1, 0), state(30, 30, 0)),
      parked,
      obstacle(2, state(1, 50, 0), state(2, 51, 0)),
      problem,
    ),
  )
  expect(samples.map(({ timeS, vehicleId }) => `${vehicleId} ${timeS}`)).toEqual(['1 0', '1 0.1', '2 0.1', '2 0.2', '1 3'])
  expect(report).toMatchObject({ format: 'common_road', rows: 5, samples: 5, rejectedRows: 0 })
  expect([samples[0]!.lat, samples[0]!.lon, samples[0]!.lengthM]).toEqual([34.13817, -118.36365, 4.5])
  expect((samples[4]!.lon + 118.36365) * Math.cos((34.13817 * Math.PI) / 180) * 111_320).toBeCloseTo(30, 0)
})

test('radians counter-clockwise from east become degrees clockwise from north', async () => {
  const motion = (radians: number) => exact('orientation', radians) + exact('velocity', 13.5) + exact('acceleration', -2)
  const { samples } = await read(
    scenario(
      obstacle(
        1,
        state(0, 0, 0, motion(0)),
        state(1, 0, 0.1, motion(Math.PI / 2)),
        state(2, 0, 0.2, motion(-Math.PI)),
        state(3, 0, 0.3, motion(3 * Math.PI)),
      ),
    ),
  )
  expect(samples.map(({ headingDeg }) => Math.round(headingDeg!))).toEqual([90, 0, 270, 270])
  expect(samples[0]).toMatchObject({ speedMps: 13.5, accelMps2: -2, lat: 0, lon: 0 })
})

test('the older version, where a role says what moves', async () => {
  const older = (role: string) =>
    `<obstacle id="${role}"><role>${role}</role>${shape}<initialState>${state(0, 1, 1)}</initialState></obstacle>`
  const { samples } = await read(scenario(older('static'), older('dynamic')))
  expect(samples.map(({ vehicleId }) => vehicleId)).toEqual(['dynamic'])
})

test('an origin given counts before the one stated', async () => {
  expect((await read(scenario(location, obstacle(1, state(0, 0, 0))), { lat: 50, lon: 9 })).samples[0]).toMatchObject({ lat: 50, lon: 9 })
  expect(
    (
      await read(
        scenario('<location><gpsLatitude>999</gpsLatitude><gpsLongitude>999</gpsLongitude></location>', obstacle(1, state(0, 0, 0))),
      )
    ).samples[0],
  ).toMatchObject({ lat: 0, lon: 0 })
})

test('dirty values cost their row or themselves; broken XML its rest', async () => {
  const dirty = obstacle(
    1,
    state(0, 0, 0, exact('orientation', 'north') + exact('velocity', 8191)),
    state('soon', 1, 1),
    state(2, '', 1),
    `<position><rectangle><length>1</length></rectangle></position>${exact('time', 3)}`,
    state(4, 1, 1),
  )
  const { samples, report } = await read(scenario(dirty))
  expect(samples.map(({ timeS }) => timeS)).toEqual([0, 0.4])
  expect(report).toMatchObject({ rows: 5, samples: 2, rejectedRows: 3, rejectedValues: 2 })
  expect(report.reasons).toMatchObject({ bad_number: { count: 2 }, unavailable_value: { count: 1 }, missing_required: { count: 2 } })
  const cut = await read(scenario(obstacle(1, state(0, 0, 0), state(1, 1, 1))).slice(0, -60))
  expect(cut.report).toMatchObject({ samples: 1, rejectedRows: 1, reasons: { malformed_line: { count: 1 } } })
  expect((await read('<commonRoad></commonRoad>')).report).toMatchObject({ rows: 0, samples: 0 })
})
