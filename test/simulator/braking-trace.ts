// A small recording with a hard braking in it, in three formats, each with lines that are no good.
import { destination } from '@outrider/geo'

interface Row {
  readonly timeS: number
  readonly id: string
  readonly lat: number
  readonly lon: number
  readonly speedMps: number
}

const seconds = 9
/** Metres north of the middle, by second: one brakes with 8 m/s² from the fourth on; one follows, one is ahead of it all. */
function northM(id: string, second: number): number {
  if (id === 'ahead') return 150 + 20 * second
  if (id === 'behind') return -150 + 20 * Math.min(second, 5) + Math.max(0, second - 5) * 15
  const brakingS = Math.min(Math.max(0, second - 4), 2.5)
  return 20 * Math.min(second, 4) + 20 * brakingS - 4 * brakingS ** 2
}

function speedMps(id: string, second: number): number {
  if (id === 'ahead') return 20
  if (id === 'behind') return second <= 5 ? 20 : 15
  return Math.max(0, 20 - 8 * Math.max(0, second - 4))
}

/** @param tag appended to the names, so that recordings driven side by side have vehicles of their own */
function rows(latitude: number, longitude: number, tag: string): Row[] {
  return Array.from({ length: seconds }, (_, second) =>
    ['braker', 'behind', 'ahead'].map(id => {
      const { latitudeDeg, longitudeDeg } = destination(latitude, longitude, 0, 1_000 + northM(id, second))
      return { timeS: 100 + second, id: id + tag, lat: latitudeDeg, lon: longitudeDeg, speedMps: speedMps(id, second) }
    }),
  ).flat()
}

export interface BrakingTrace {
  readonly text: string
  readonly tag: string
  /** Rows that are rejected, by reason. */
  readonly dirty: Readonly<Record<string, number>>
}

export function brakingCsv(latitude: number, longitude: number, tag = '-csv'): BrakingTrace {
  const lines = rows(latitude, longitude, tag).map(row => `${row.timeS},${row.id},${row.lat},${row.lon},0,${row.speedMps}`)
  lines.splice(5, 0, `101,braker${tag},not a number,9.99,0,20`, `101,lost${tag},900000001,1800000001,0,20`, 'half a line')
  const dirty = { bad_number: 1, unavailable_value: 1, malformed_line: 1 }
  return { text: ['t_s,vehicle_id,lat,lon,heading_deg,speed_mps', ...lines].join('\n'), tag, dirty }
}

export function brakingNdjson(latitude: number, longitude: number): BrakingTrace {
  const tag = '-ndjson'
  const lines = rows(latitude, longitude, tag).map(({ timeS, id, lat, lon, speedMps: speed }) =>
    JSON.stringify({ t_s: timeS, vehicle_id: id, lat, lon, heading_deg: 0, speed_mps: speed }),
  )
  lines.splice(4, 0, '{"t_s":101,"vehicle_id":"lost-ndjson","lat":null,"lon":9.99}', '{"t_s":101,')
  return { text: lines.join('\n'), tag, dirty: { missing_required: 1, malformed_line: 1 } }
}

export function brakingFcd(latitude: number, longitude: number): BrakingTrace {
  const tag = '-fcd'
  const all = rows(latitude, longitude, tag)
  const steps = [...new Set(all.map(({ timeS }) => timeS))].map(timeS => {
    const there = all.filter(row => row.timeS === timeS)
    const vehicles = there.map(
      ({ id, lat, lon, speedMps: speed }) => `<vehicle id="${id}" x="${lon}" y="${lat}" angle="0" speed="${speed}"/>`,
    )
    return `<timestep time="${timeS}">${vehicles.join('')}</timestep>`
  })
  steps.splice(3, 0, '<timestep time="102"><vehicle id="lost-fcd" x="east" y="53.5" angle="0" speed="3"/></timestep>')
  return { text: `<?xml version="1.0"?>\n<fcd-export>${steps.join('\n')}</fcd-export>\n`, tag, dirty: { bad_number: 1 } }
}
