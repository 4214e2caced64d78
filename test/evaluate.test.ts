// `outrider evaluate` as a person runs it: on a small trace with dirty rows, made here, and on a real city's if it is at hand.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const repository = path.resolve(import.meta.dirname, '..')
const data = process.env.OUTRIDER_DATA ?? path.resolve(repository, '../shared/data')
const hamburg = path.join(data, 'traces-sumo-hamburg')
const hasHamburg = existsSync(hamburg)
if (!hasHamburg) console.warn(`skipped: no recorded traces in ${data}; set OUTRIDER_DATA to the folder that holds traces-sumo-hamburg`)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-evaluate-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function evaluate(...args: string[]): Promise<Run> {
  return outrider('evaluate', ...args)
}

function outrider(...args: string[]): Promise<Run> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [path.join(repository, 'apps/cli/bin/outrider.js'), ...args],
      { maxBuffer: 1 << 26 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

async function evaluateJson(...args: string[]) {
  const run = await evaluate(...args, '--json')
  expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{[^\n]+\}\n$/) })
  return JSON.parse(run.stdout)
}

function file(name: string, content: string | Uint8Array): string {
  const at = path.join(folder, name)
  writeFileSync(at, content)
  return at
}

const metresPerDeg = 111_195

/** A street that leads north: a van breaks down on it at 20 s and signals, five cars come up to it 20 s apart, and one drives away from it. */
function stalledTrace(nameOf = (name: string): string => name): string[] {
  const rows: string[] = []
  for (let t = 0; t < 140; t++) {
    // From 10 m/s at 2 m/s2, to stand at 20 s.
    const speed = Math.max(0, Math.min(10, (20 - t) * 2))
    const way = t <= 15 ? t * 10 : 175 - Math.max(0, 20 - t) ** 2
    const add = (name: string, northM: number, eastM: number, speed: number, heading: number, flags = '') => {
      const lat = 53.55 + northM / metresPerDeg
      const lon = 9.99 + eastM / metresPerDeg / Math.cos((53.55 * Math.PI) / 180)
      rows.push(`${t},${nameOf(name)},${lat.toFixed(7)},${lon.toFixed(7)},${heading},${speed},${flags},noise${t},x`)
    }
    add('van', way, 0, speed, 0, t >= 20 ? 'hazard_lights;breakdown' : '')
    for (let car = 0; car < 5; car++) if (t >= car * 20) add(`car ${car}`, -700 + (t - car * 20) * 15, 3.5, 15, 0)
    add('away', 100 - t * 15, -4, 15, 180)
  }
  return rows
}

const header = 't_s,vehicle_id,lat,lon,heading_deg,speed_mps,flags,type,lane'
const truthRows = [
  'cause,sub_cause,lat,lon,radius_m,from_s,to_s,id,vehicle_ids,heading_deg',
  `94,2,${53.55 + 175 / metresPerDeg},9.99,10,20,140,stalled,van,0`,
]
const withDirt = (rows: readonly string[]): string =>
  [
    header,
    ...rows.slice(0, 9),
    '5,van,91,9.99,0,10,,a,b',
    '5,,53.55,9.99,0,10,,a,b',
    'cut off,',
    ...rows.slice(9),
    '30,car 0,53.55,9.99,0,8191,,a,b',
    '',
  ].join('\n')

describe('a broken-down van among five cars, and dirty rows', () => {
  test('the JSON, as documented', async () => {
    const trace = file('stalled.csv', withDirt(stalledTrace()))
    const truth = file('truth.csv', truthRows.join('\n'))
    const deliveries = path.join(folder, 'deliveries.ndjson')
    const result = await evaluateJson(trace, '--truth', truth, '--deliveries', deliveries)
    expect(Object.keys(result)).toEqual(['overall', 'byCause', 'alerts', 'evidence', 'rejected', 'vehicleHours'])
    expect(result.overall).toMatchObject({
      hazards: 1,
      observable: 1,
      recall: 1,
      recallAll: 1,
      precision: 1,
      falseAlerts: 0,
      duplicates: 0,
      stale: 0,
    })
    expect(result.overall.timeToDetectS).toEqual({ min: 5, median: 5, p95: 5, max: 5 })
    expect(result.byCause['94']).toEqual(result.overall)
    expect(result.alerts).toHaveLength(1)
    expect(result.alerts[0]).toMatchObject({
      cause: 94,
      subCause: 2,
      issuedAtS: 25,
      endedAtS: null,
      endReason: null,
      matched: 'stalled',
      verdict: 'true',
    })
    expect(result.alerts[0].revisions).toEqual([{ revision: 1, atS: 25, lat: result.alerts[0].lat, lon: result.alerts[0].lon }])
    expect(result.evidence.stationary_vehicle).toBeGreaterThan(0)
    expect(result.rejected).toMatchObject({ out_of_range: 1, missing_required: 1, malformed_line: 1, out_of_order: 1, unknown_column: 2 })
    // 140 s of seven vehicles less what the five cars came later, and a second each.
    expect(result.vehicleHours).toBeCloseTo((7 * 139 - 200) / 3_600, 5)

    const lines = readFileSync(deliveries, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    for (const line of lines)
      expect(Object.keys(line)).toEqual(['alert', 'revision', 'kind', 'vehicle', 'atS', 'distanceM', 'timeToHazardS', 'priority'])
    const firstOf = (vehicle: string) => lines.find(line => line.vehicle === vehicle)
    // Upstream within 1000 m: the cars that come later with their first report, never the one that drives away.
    expect(firstOf('car 4')).toMatchObject({ kind: 'new', alert: result.alerts[0].id, atS: 80, priority: 'warning' })
    expect(firstOf('car 4').distanceM).toBeCloseTo(875, -1)
    expect(firstOf('away')).toBeUndefined()
    // No vehicle is told one revision twice, and who is past it is told that it is gone.
    const told = lines.filter(line => line.kind === 'new' || line.kind === 'update').map(line => `${line.vehicle} ${line.revision}`)
    expect(new Set(told).size).toBe(told.length)
    expect(lines.filter(line => line.kind === 'gone').map(line => line.vehicle)).toContain('car 0')
  })

  test('the same bytes for the same trace, packed or not, whatever type and lane say; the same alerts whatever vehicles are called', async () => {
    const rows = stalledTrace()
    const plain = await evaluate(file('plain.csv', withDirt(rows)), '--json')
    const otherNoise = rows.map(row => row.replace(/noise\d+,x$/, 'bus,'))
    const packed = await evaluate(file('packed.csv.gz', gzipSync(withDirt(otherNoise))), '--json')
    expect(packed.stdout).toBe(plain.stdout)
    const names = new Map<string, string>()
    const otherName = (name: string): string => {
      if (!names.has(name)) names.set(name, `x${names.size * 7919}`)
      return names.get(name)!
    }
    const renamed = await evaluate(file('renamed.csv', withDirt(stalledTrace(otherName))), '--json')
    expect(JSON.parse(renamed.stdout).alerts).toEqual(JSON.parse(plain.stdout).alerts)
  })

  test('NDJSON, and metres with an origin, say the same', async () => {
    const csv = file('a.csv', [header, ...stalledTrace()].join('\n'))
    const records = stalledTrace().map(row => {
      const [t_s, vehicle_id, lat, lon, heading_deg, speed_mps, flags] = row.split(',')
      return {
        t_s: Number(t_s),
        vehicle_id,
        lat,
        lon: Number(lon),
        heading_deg,
        speed_mps: Number(speed_mps),
        flags: flags!.split(';').filter(Boolean),
      }
    })
    const ndjson = file('a.ndjson', records.map(record => JSON.stringify(record)).join('\n'))
    const [fromCsv, fromNdjson] = [await evaluateJson(csv), await evaluateJson(ndjson)]
    expect(fromNdjson.alerts).toEqual(fromCsv.alerts)
    const metres = records.map(({ lat, lon, ...rest }) => ({
      ...rest,
      x_m: (lon - 9.99) * metresPerDeg * Math.cos((53.55 * Math.PI) / 180),
      y_m: (Number(lat) - 53.55) * metresPerDeg,
    }))
    const local = file('b.ndjson', metres.map(record => JSON.stringify(record)).join('\n'))
    const fromMetres = await evaluateJson(local, '--origin', '53.55,9.99')
    expect(fromMetres.alerts).toMatchObject([{ cause: 94, subCause: 2, issuedAtS: 25 }])
    expect(await evaluate(local)).toMatchObject({ code: 2, stderr: expect.stringContaining('--origin LAT,LON') })
  })

  test('a share of the vehicles: without the van there is nothing to see, and then nothing is missed', async () => {
    const trace = file('share.csv', [header, ...stalledTrace()].join('\n'))
    const truth = file('truth.csv', truthRows.join('\n'))
    const { overall, vehicleHours, alerts } = await evaluateJson(trace, '--truth', truth, '--equipped', '0', '--seed', '3')
    expect([overall.hazards, overall.observable, overall.recall, overall.recallAll, vehicleHours, alerts]).toEqual([1, 0, null, 0, 0, []])
  })

  test('another configuration, and what it changes', async () => {
    const trace = file('config.csv', [header, ...stalledTrace()].join('\n'))
    const config = file('config.json', JSON.stringify({ detection: { standingFlaggedMs: 30_000 } }))
    const later = await evaluateJson(trace, '--config', config, '--compare')
    expect(later.alerts[0].issuedAtS).toBe(50)
    expect(later.comparison).toMatchObject({ same: 0, onlyHere: [], onlyThere: [], changed: [{ fields: ['issuedAtS'] }] })
    const earlier = file('earlier.json', (await evaluate(trace, '--json')).stdout)
    expect((await evaluateJson(trace, '--compare', earlier)).comparison).toEqual({ same: 1, onlyHere: [], onlyThere: [], changed: [] })
    expect((await evaluate(trace, '--config', config, '--compare', earlier)).stdout).toContain('was issuedAtS 25')
  })

  test('what another recording teaches: a silent van is found after 15 s where nobody ever stands, and the same bytes come of it', async () => {
    const silent = (rows: readonly string[]) => rows.map(row => row.replace('hazard_lights;breakdown', ''))
    const van = (rows: readonly string[]) => silent(rows).filter(row => row.split(',')[1] === 'van')
    // A car every four seconds, in the van's lane where it learns and in the next one where the van stands.
    const stream = (eastM: number, seconds: number) => {
      const rows: string[] = []
      for (let t = 0; t < seconds; t++)
        for (let car = Math.ceil((t - 60) / 4); car * 4 <= t; car++) {
          const lat = 53.55 + (-300 + (t - car * 4) * 15 + ((car + 15) % 5) * 3) / metresPerDeg
          const lon = 9.99 + eastM / metresPerDeg / Math.cos((53.55 * Math.PI) / 180)
          rows.push(`${t},car ${car},${lat.toFixed(7)},${lon.toFixed(7)},0,15,,x,y`)
        }
      return rows
    }
    const byTime = (rows: readonly string[]) => [...rows].sort((a, b) => Number.parseFloat(a) - Number.parseFloat(b))
    const teacher = file('teacher.csv', [header, ...stream(0, 400)].join('\n'))
    const trace = file('silent.csv', [header, ...byTime([...van(stalledTrace()), ...stream(3.5, 140)])].join('\n'))
    const learned = await evaluate(trace, '--learn', teacher, '--json')
    const { alerts } = JSON.parse(learned.stdout)
    expect(alerts).toMatchObject([{ cause: 94, subCause: 0 }])
    // It stands from 20 s on.
    expect(alerts[0].issuedAtS).toBeGreaterThanOrEqual(34)
    expect(alerts[0].issuedAtS).toBeLessThanOrEqual(37)
    expect((await evaluate(trace, '--learn', teacher, '--json')).stdout).toBe(learned.stdout)
    const cold = await evaluateJson(trace)
    expect(cold.alerts.every((each: { issuedAtS: number }) => each.issuedAtS >= 139)).toBe(true)
  })

  test('an empty trace has nothing in it', async () => {
    expect(await evaluateJson(file('empty.csv', `${header}\n`))).toMatchObject({
      alerts: [],
      vehicleHours: 0,
      overall: { hazards: 0, precision: null },
    })
  })
})

describe('outrider hindsight: the same van', () => {
  test('the cars that come up to it were warned in time, and few others', async () => {
    const trace = file('seen.csv', [header, ...stalledTrace()].join('\n'))
    const truth = file('truth.csv', truthRows.join('\n'))
    const deliveries = path.join(folder, 'seen.ndjson')
    const run = file('seen.json', (await evaluate(trace, '--truth', truth, '--deliveries', deliveries, '--json')).stdout)
    const { stdout } = await outrider('hindsight', trace, '--run', run, '--deliveries', deliveries, '--json')
    // Five cars come by; the van itself is warned too, and is where it is.
    expect(JSON.parse(stdout).overall).toMatchObject({ endangered: 5, warnedInTime: 5, recall: 1, warned: 6, warnedEndangered: 5 })
    const wrong = await outrider('hindsight', trace, '--run', run, '--deliveries', file('no.ndjson', '{"alert": 1}\n'))
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('line 1') })
  })
})

describe('outrider explain: the same van', () => {
  const explain = (...args: string[]) => outrider('explain', file('explained.csv', [header, ...stalledTrace()].join('\n')), ...args)

  test('why it was not found before, and how it was found', async () => {
    const before = JSON.parse((await explain('--at', '24.5', '--vehicle', 'van', '--json')).stdout)
    const detectorOf = (view: { detectors: { name: string }[] }) => view.detectors.find(({ name }) => name === 'stationary_vehicle')
    expect(before).toMatchObject({ vehicle: 'van', samples: { 0: { sample: { timeS: 24, speedMps: 0 } } } })
    expect(detectorOf(before.view)).toMatchObject({
      findings: [],
      ways: {
        0: { name: 'breakdown flag', conditions: [{ isMet: true }, { text: 'stands for 4 s, needed 5 s', isMet: false }, { isMet: true }] },
      },
    })
    expect([before.view.hazards, before.view.alerts]).toEqual([[], []])
    const after = JSON.parse((await explain('--at', '30', '--vehicle', 'van', '--json')).stdout)
    expect(detectorOf(after.view)).toMatchObject({ findings: [{ cause: 94, subCause: 2, alone: true }] })
    expect(after.view.hazards).toMatchObject([{ cause: 94, isSource: true, isSure: true, sources: 1 }])
    expect(after.view.alerts).toMatchObject([{ cause: 94, told: true }])
    const text = (await explain('--at', '30', '--vehicle', 'van')).stdout
    expect(text).toContain('stands since 20 s, for 10 s, course 0°')
    expect(text).toContain('stationary_vehicle: found 94/2')
  })

  test('a sample that was not believed is told with its reason', async () => {
    const rows = stalledTrace().filter(row => row.includes('away'))
    const jump = rows.map(row => (row.startsWith('30,') ? row.replace(/^30,away,53\.\d+/, '30,away,53.7') : row))
    const { stdout } = await outrider('explain', file('jump.csv', [header, ...jump].join('\n')), '--at', '31', '--vehicle', 'away')
    expect(stdout).toMatch(/30 +53\.700000 .*not believed: position_jump/)
  })

  test('a vehicle that is not there, or not yet', async () => {
    expect(await explain('--at', '30', '--vehicle', 'lorry')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no vehicle lorry in it'),
    })
    expect(await explain('--at', '30', '--vehicle', 'car 4')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('its first is at 80 s'),
    })
    expect(await explain('--at', 'noon', '--vehicle', 'van')).toMatchObject({ code: 2, stderr: expect.stringContaining('--at') })
  })
})

describe.skipIf(!hasHamburg)('SUMO Hamburg, vehicle names, type and lane replaced by noise', () => {
  /** A trace with other names in a seeded order, and noise for what is never read. */
  function noisy(name: string): string {
    const [first, ...rows] = gunzipSync(readFileSync(path.join(hamburg, name)))
      .toString()
      .trim()
      .split('\n')
    const names = new Map<string, string>()
    const named = rows.map((row, index) => {
      const fields = row.split(',')
      const known = names.get(fields[1]!) ?? `v${(names.size * 48_271) % 2_147_483_647}`
      names.set(fields[1]!, known)
      return [fields[0], known, ...fields.slice(2, 7), `t${index % 7}`, `l${index % 13}`].join(',')
    })
    return file(name.replace('.gz', ''), [first, ...named].join('\n'))
  }

  test('the stalled vehicle is found and nothing else is called stalled, crashed or blocked; the names do not matter', async () => {
    const place = readFileSync(path.join(hamburg, 'truth_incident_stalled_position.csv'), 'utf8').split('\n')[1]!.split(',')
    const truth = file(
      'hamburg.csv',
      `cause,sub_cause,lat,lon,radius_m,from_s,to_s,id\n94,0,${place[1]},${place[2]},20,239.9,479.9,stalled\n`,
    )
    const real = path.join(hamburg, 'incident_stalled_1hz_180-600s.csv.gz')
    const result = await evaluateJson(noisy('incident_stalled_1hz_180-600s.csv.gz'), '--truth', truth)
    expect(result.overall).toMatchObject({ hazards: 1, observable: 1, recall: 1 })
    expect(
      result.alerts.filter(
        (each: { cause: number; verdict: string }) => [2, 5, 10, 14, 91, 92, 94].includes(each.cause) && each.verdict !== 'true',
      ),
    ).toEqual([])
    expect(result.rejected).toEqual({ unknown_column: 2 })
    expect((await evaluateJson(real, '--truth', truth)).alerts).toEqual(result.alerts)
  })
})
