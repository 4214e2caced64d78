import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { TrafficError } from '../traffic-error.js'
import { flagBits, type TrafficSample } from '../traffic-sample.js'
import { type ReadTraceOptions, readTrace } from './read-trace.js'
import type { TraceSource } from './source-text.js'
import { lineCharsMax } from './text-lines.js'

async function read(source: string | TraceSource, options?: ReadTraceOptions) {
  const reading = readTrace(typeof source === 'string' ? [source] : source, options)
  const samples: TrafficSample[] = []
  for await (const sample of reading.samples) samples.push(sample)
  return { samples, report: reading.report() }
}

function csv(...rows: string[]): string {
  return ['t_s,vehicle_id,lat,lon,speed_mps,heading_deg,flags', ...rows].join('\n')
}

const full = {
  timeS: 12.5,
  vehicleId: 'a,"b"',
  lat: 53.5,
  lon: 10.25,
  headingDeg: 271.5,
  speedMps: 0,
  accelMps2: -3.25,
  latAccelMps2: 0.5,
  yawRateDegps: -4,
  vertAccelRmsMps2: 0.75,
  altM: -3.5,
  hAccM: 2.5,
  lengthM: 4.5,
  role: 'emergency',
  enrolment: 'e1',
  flags: flagBits.hazard_lights | flagBits.siren,
  friction: 0.25,
  airTempC: -1.5,
  wiper: 2,
  rain: 0,
  visibilityM: 150,
  roadSurface: 'WET_ICE',
  report: { cause: 10, subCause: 1, aheadM: 40 },
}

const fullCsv = [
  '\ufeffspeed_mps, vehicle_id ,t_s,lon,lat,type,heading_deg,accel_mps2,lat_accel_mps2,yaw_rate_degps,vert_accel_rms_mps2,alt_m,h_acc_m,length_m,role,enrolment,flags,friction,air_temp_c,wiper,rain,visibility_m,road_surface,report_cause,report_sub_cause,report_ahead_m',
  '0,"a,""b""",12.5,10.25,53.5,bus,271.5,-3.25,.5,-4,0.75,-3.5,2.5,4.5,Emergency,e1,hazard_lights; siren,0.25,-1.5e0,2,0,150,wet_ice,10,1,40',
  '',
].join('\r\n')

const fullNdjson = JSON.stringify({
  t_s: 12.5,
  vehicle_id: 'a,"b"',
  lat: 53.5,
  lon: '10.25',
  heading_deg: 271.5,
  speed_mps: 0,
  accel_mps2: -3.25,
  lat_accel_mps2: 0.5,
  yaw_rate_degps: -4,
  vert_accel_rms_mps2: 0.75,
  alt_m: -3.5,
  h_acc_m: 2.5,
  length_m: 4.5,
  role: 'emergency',
  enrolment: 'e1',
  flags: ['hazard_lights', 'siren'],
  friction: 0.25,
  air_temp_c: -1.5,
  wiper: 2,
  rain: 0,
  visibility_m: 150,
  road_surface: 'WET_ICE',
  report_cause: 10,
  report_sub_cause: 1,
  report_ahead_m: 40,
})

describe('formats', () => {
  test('CSV: every column, in any order, unknown ones counted', async () => {
    const { samples, report } = await read(fullCsv)
    expect(samples).toEqual([full])
    expect(report).toMatchObject({ format: 'csv', gzip: false, rows: 1, samples: 1, rejectedRows: 0, rejectedValues: 0 })
    expect(report.reasons).toEqual({ unknown_column: { count: 1, firstLine: 1, firstExample: 'type' } })
  })

  test('NDJSON gives the same sample', async () => {
    const { samples, report } = await read(`${fullNdjson}\n`)
    expect(samples).toEqual([full])
    expect(report).toMatchObject({ format: 'ndjson', reasons: {} })
  })

  test('only what is there: everything else is undefined, the enrolment is the vehicle', async () => {
    const { samples, report } = await read('t_s,vehicle_id,lat,lon,speed_mps,rain\n1,7,0,0,,NaN\n2,7,0,0,null, ')
    expect(samples.map(sample => Object.entries(sample).filter(([, value]) => value !== undefined))).toEqual(
      [1, 2].map(timeS => Object.entries({ timeS, vehicleId: '7', lat: 0, lon: 0, enrolment: '7' })),
    )
    expect(report.reasons).toEqual({})
  })

  test.each([
    ['plain', Buffer.from(fullCsv)],
    ['gzip', gzipSync(fullCsv)],
    ['gzip of two members', Buffer.concat([gzipSync(fullCsv.slice(0, 200)), gzipSync(fullCsv.slice(200))])],
  ])('%s, byte by byte', async (_, bytes) => {
    const { samples } = await read(Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1)))
    expect(samples).toEqual([full])
  })

  test('metres with an origin', async () => {
    const { samples } = await read('t_s,vehicle_id,x_m,y_m\n0,a,1000,0\n0,b,0,-1000', { origin: { lat: 60, lon: 25 } })
    // One degree on WGS84 at 60°: 55,800 m east, 111,412 m north (Bowring's series).
    expect(samples[0]!.lon).toBeCloseTo(25 + 1000 / 55_800, 6)
    expect(samples[1]!.lat).toBeCloseTo(60 - 1000 / 111_412, 6)
  })
})

describe('SUMO FCD', () => {
  const vehicle = (position: string) =>
    `<timestep time="7.50"><vehicle id="veh&amp;0" ${position} angle="360.00" type="t" speed="13.89" pos="5.1" lane="e_0" slope="0.00" signals="4" acceleration="-1.5"/></timestep>`
  const file = (body: string, comment = '') =>
    `<?xml version="1.0" encoding="UTF-8"?>\n${comment}<fcd-export xmlns:xsi="x">\n${body}\n</fcd-export>\n`
  const expected = { timeS: 7.5, vehicleId: 'veh&0', headingDeg: 0, speedMps: 13.89, accelMps2: -1.5, flags: flagBits.hazard_lights }

  test('degrees are told by their decimals', async () => {
    const { samples, report } = await read(file(vehicle('x="9.987197" y="53.562539"')))
    expect(samples).toMatchObject([{ ...expected, lat: 53.562539, lon: 9.987197 }])
    expect(report).toMatchObject({ format: 'sumo_fcd', rows: 1, samples: 1 })
    expect(report.reasons.unknown_column?.count).toBe(4)
  })

  test('metres need an origin', async () => {
    const text = file(vehicle('x="100.00" y="50.00"'))
    await expect(read(text)).rejects.toMatchObject({ code: 'origin_missing' })
    const { samples } = await read(text, { origin: { lat: 53, lon: 10 } })
    expect(samples[0]!.lat).toBeCloseTo(53.000449, 5)
  })

  test("SUMO's own word in the comment counts more than an origin", async () => {
    const comment = '<!-- generated by SUMO\n<configuration><output><fcd-output.geo value="true"/></output></configuration>\n-->\n'
    const { samples } = await read(file(vehicle('x="10.5" y="53.5"'), comment), { origin: { lat: 1, lon: 1 } })
    expect(samples).toMatchObject([{ lat: 53.5, lon: 10.5 }])
  })

  test('a file cut off keeps what came before, and says where', async () => {
    const text = file(vehicle('x="9.987197" y="53.562539"'))
    const { samples, report } = await read(text.slice(0, -20))
    expect(samples).toHaveLength(1)
    expect(report.reasons.malformed_line).toMatchObject({ count: 1, firstLine: 3 })
  })

  test.each([
    ['nesting', '<a>'.repeat(100)],
    ['attributes', `<a ${Array.from({ length: 300 }, (_, index) => `b${index}="1"`).join(' ')}/>`],
    ['a value', `<a b="${'x'.repeat(300_000)}"/>`],
    ['an unknown entity', '<a b="&boom;"/>'],
  ])('%s without end stops the reading', async (_, body) => {
    const { report } = await read(file(body + vehicle('x="9.987197" y="53.562539"')))
    expect(report).toMatchObject({ samples: 0, rejectedRows: 1, reasons: { malformed_line: { count: 1 } } })
  })
})

describe('dirty input is counted by reason', () => {
  test.each([
    ['malformed_line', '1,a,0,0,1', '5 fields, the header has 7'],
    ['malformed_line', '1,"a,0,0,1,0,', 'quotes do not close'],
    ['too_long', `1,a,0,0,1,0,${'x'.repeat(lineCharsMax)}`, 'over'],
    ['missing_required', ',a,0,0,1,0,', 't_s'],
    ['missing_required', '1,,0,0,1,0,', 'vehicle_id'],
    ['missing_required', '1,a,nan,0,1,0,', 'lat, lon'],
    ['bad_number', '0x10,a,0,0,1,0,', 't_s="0x10"'],
    ['bad_number', '1,a,0,Infinity,1,0,', 'lon="Infinity"'],
    ['out_of_range', '1,a,90.5,0,1,0,', 'lat="90.5"'],
    ['unavailable_value', '1,a,90.0000001,0,1,0,', 'lat="90.0000001"'],
    ['unavailable_value', '1,a,0,1800000001,1,0,', 'lon="1800000001"'],
    ['bad_text', '1,a\ufffd,0,0,1,0,', 'vehicle_id'],
    ['bad_text', `1,${'a'.repeat(129)},0,0,1,0,`, 'vehicle_id'],
  ])('%s costs the row (%#)', async (reason, row, example) => {
    const { samples, report } = await read(csv('1,ok,1,1,1,1,', row, '1,ok2,1,1,1,1,'))
    expect(samples.map(({ vehicleId }) => vehicleId)).toEqual(['ok', 'ok2'])
    expect(report).toMatchObject({ rows: 3, samples: 2, rejectedRows: 1, rejectedValues: 0 })
    expect(report.reasons).toEqual({ [reason]: { count: 1, firstLine: 3, firstExample: expect.stringContaining(example) } })
  })

  test.each([
    ['unavailable_value', '1,a,0,0,8191,0,', { speedMps: undefined, headingDeg: 0 }],
    ['unavailable_value', '1,a,0,0,163.82,0,', { speedMps: undefined }],
    ['unavailable_value', '1,a,0,0,16383,0,', { speedMps: undefined }],
    ['unavailable_value', '1,a,0,0,1,28800,', { headingDeg: undefined, speedMps: 1 }],
    ['unavailable_value', '1,a,0,0,1,360.1,', { headingDeg: undefined }],
    ['out_of_range', '1,a,0,0,-1,0,', { speedMps: undefined }],
    ['out_of_range', '1,a,0,0,1,-90,', { headingDeg: undefined }],
    ['bad_number', '1,a,0,0,fast,0,', { speedMps: undefined }],
    ['unknown_name', '1,a,0,0,1,0,abs;warp;esc', { flags: flagBits.abs | flagBits.esc }],
  ])('%s costs the value: %s', async (reason, row, left) => {
    const { samples, report } = await read(csv(row))
    expect(samples).toMatchObject([left])
    expect(report).toMatchObject({
      rows: 1,
      samples: 1,
      rejectedRows: 0,
      rejectedValues: 1,
      reasons: { [reason]: { count: 1, firstLine: 2 } },
    })
  })

  test('standards: acceleration, yaw rate, accuracy, friction and a sub-cause alone', async () => {
    const header = 't_s,vehicle_id,lat,lon,accel_mps2,yaw_rate_degps,h_acc_m,friction,road_surface,report_sub_cause'
    const { samples, report } = await read(`${header}\n1,a,0,0,20.01,32767,255,101,UNKNOWN,1`)
    expect(samples[0]).toEqual({
      ...samples[0],
      accelMps2: undefined,
      yawRateDegps: undefined,
      hAccM: undefined,
      friction: undefined,
      report: undefined,
    })
    expect(report.reasons).toMatchObject({ unavailable_value: { count: 5 }, missing_required: { count: 1 } })
    expect(report).toMatchObject({ samples: 1, rejectedRows: 0, rejectedValues: 6 })
  })

  test('out of order by up to 2 s is put in order, more is rejected', async () => {
    const { samples, report } = await read(csv(...[10, 11, 9, 12, 10, 9.9, 13].map((t, index) => `${t},v${index},0,0,1,0,`)))
    expect(samples.map(({ timeS }) => timeS)).toEqual([9, 10, 10, 11, 12, 13])
    expect(samples.map(({ vehicleId }) => vehicleId)).toEqual(['v2', 'v0', 'v4', 'v1', 'v3', 'v6'])
    expect(report.reasons).toEqual({ out_of_order: { count: 1, firstLine: 7, firstExample: 't_s=9.9 after 12' } })
  })

  test('a repeat is dropped; the same moment at another place is not for the reader to judge', async () => {
    const { samples, report } = await read(csv('1,a,0,0,1,0,', '1.5,a,0,0,1,0,', '1,a,0,0,1,0,', '1,a,0,1,1,0,'))
    expect(samples).toHaveLength(3)
    expect(report.reasons).toEqual({ duplicate: { count: 1, firstLine: 4, firstExample: 't_s=1' } })
  })

  test('a time gone wrong costs its row, not the ones after it; a gap that goes on is a gap', async () => {
    const times = [1e9, 5, 6, 2e9, 7, 50_000, 50_001]
    const { samples, report } = await read(csv(...times.map(t => `${t},a,0,0,1,0,`)))
    expect(samples.map(({ timeS }) => timeS)).toEqual([5, 6, 7, 50_000, 50_001])
    expect(report.reasons).toEqual({ time_jump: { count: 2, firstLine: 2, firstExample: 't_s=1000000000' } })
  })

  test('NDJSON: what is no object is malformed, a bare NaN is missing', async () => {
    const rows = [
      '{"t_s":1,"vehicle_id":"a","lat":0,"lon":0,"speed_mps":NaN}',
      '{"t_s":1,"vehicle_id":',
      '[1]',
      'null',
      '{"t_s":2,"vehicle_id":{},"lat":0,"lon":0}',
    ]
    const { samples, report } = await read(rows.join('\n'))
    expect(samples).toHaveLength(1)
    expect(report.reasons).toMatchObject({ malformed_line: { count: 3, firstLine: 2 }, bad_text: { count: 1, firstLine: 5 } })
    expect(report).toMatchObject({ rows: 5, samples: 1, rejectedRows: 4 })
  })

  test('gzip cut off: what came before stands', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index / 10},v${(index * 7919) % 1000},${(index % 90) / 7},0,1,0,`)
    const packed = gzipSync(csv(...rows))
    const { samples, report } = await read([packed.subarray(0, packed.length / 2)])
    expect(samples.length).toBeGreaterThan(1000)
    expect(report.reasons).toEqual({ malformed_line: { count: 1, firstLine: 0, firstExample: expect.stringContaining('gzip') } })
    expect(report.rows).toBe(report.samples + report.rejectedRows)
  })

  test('no report names a vehicle', async () => {
    const { report } = await read(
      csv('1,secret-7\u0001,0,0,1,0,', '1,secret-7,0,0,x,0,', '1,secret-7,0', '1,"secret-7,0,0,1,0,', '0,secret-7,0,0,1,0,nonsense'),
    )
    expect(JSON.stringify(report)).not.toContain('secret')
  })
})

describe('what stops a reading', () => {
  test.each([
    ['format_unknown', ''],
    ['format_unknown', 'hello\nworld'],
    ['format_unknown', '<gpx></gpx>'],
    ['header_invalid', 't_s,lat,lon\n1,0,0'],
    ['header_invalid', 't_s,vehicle_id,lat,x_m\n'],
    ['header_invalid', 't_s,vehicle_id,lat,lon,lat\n'],
    ['origin_missing', 't_s,vehicle_id,x_m,y_m\n1,a,0,0'],
  ])('%s: %j', async (code, text) => {
    const error = await read(text).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TrafficError)
    expect(error).toMatchObject({ code, retriable: false })
  })

  test('options out of range', async () => {
    await expect(read('', { reorderS: -1 })).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(read('', { origin: { lat: 91, lon: 0 } })).rejects.toMatchObject({ code: 'option_invalid' })
  })

  test.each([['plain'], ['gzip']])('a source that fails (%s)', async kind => {
    const bytes = kind === 'gzip' ? gzipSync(csv('1,a,0,0,1,0,')) : Buffer.from(csv('1,a,0,0,1,0,'))
    async function* failing() {
      yield bytes.subarray(0, 20)
      throw new Error('disk gone')
    }
    await expect(read(failing())).rejects.toMatchObject({ code: 'source_failed', retriable: true })
  })

  test('leaving early closes the source', async () => {
    let isClosed = false
    function* endless() {
      try {
        yield 't_s,vehicle_id,lat,lon\n'
        for (let t = 0; ; t++) yield `${t},a,0,0\n`
      } finally {
        isClosed = true
      }
    }
    for await (const sample of readTrace(endless()).samples) if (sample.timeS > 100) break
    expect(isClosed).toBe(true)
  })
})
