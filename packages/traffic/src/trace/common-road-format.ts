// CommonRoad scenarios (TU München): <commonRoad timeStepSize>, one obstacle after the other, each with its own states from the first step on,
// in metres east and north of a place that <location> may name. Versions 2018b (<obstacle> with a <role>) and 2020a (<dynamicObstacle>).
// States of all vehicles are put in order when the document ends: it has no order of time.
import type { Origin } from '../local-metres.js'
import { numberColumns } from './columns.js'
import { createGuardedXml } from './guarded-xml.js'
import { isRejected, readNumber } from './read-value.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

/** States held until the end: 40 vehicles for ten minutes at 10 Hz, about 60 MB. Scenarios are cuts of some seconds. */
const statesMax = 262_144

export const commonRoadFormat: TraceFormat = {
  name: 'common_road',
  matches: head => head.startsWith('<') && /<commonRoad[\s>]/.test(head),
  localOrigin,
  createParser: createCommonRoadParser,
}

/** What <location> says; scenarios without one are nowhere in particular. */
function localOrigin(head: string): Origin {
  const read = (element: string, column: typeof numberColumns.lat | typeof numberColumns.lon): number | undefined => {
    const value = readNumber(new RegExp(`<${element}>([^<]{1,32})</${element}>`).exec(head)?.[1], column)
    return isRejected(value) ? undefined : value
  }
  const lat = read('gpsLatitude', numberColumns.lat)
  const lon = read('gpsLongitude', numberColumns.lon)
  return lat === undefined || lon === undefined || Math.abs(lat) > 85 ? { lat: 0, lon: 0 } : { lat, lon }
}

interface State {
  readonly line: number
  readonly vehicleId: string | undefined
  readonly lengthM: string | undefined
  readonly step: number
  /** By the path of elements within the state. */
  readonly values: Readonly<Record<string, string>>
}

/** Element paths within a state, as a scenario writes exact values. */
const paths = {
  x: 'position/point/x',
  y: 'position/point/y',
  orientation: 'orientation/exact',
  step: 'time/exact',
  speed: 'velocity/exact',
  accel: 'acceleration/exact',
} as const
const readPaths: ReadonlySet<string> = new Set(Object.values(paths))

function createCommonRoadParser({ row, counts }: TraceParserOptions): TraceParser {
  const states: State[] = []
  let stepS = Number.NaN
  let path: string[] = []
  let text = ''
  let vehicleId: string | undefined
  let isDynamic = false
  let lengthM: string | undefined
  let values: Record<string, string> | undefined
  let line = 0

  const xml = createGuardedXml(counts, { open, close, text: piece, end })

  function open(name: string, attributes: Readonly<Record<string, string>>) {
    path.push(name)
    text = ''
    if (name === 'commonRoad') stepS = Number(attributes.timeStepSize)
    else if (path.length === 2) {
      isDynamic = name === 'dynamicObstacle'
      vehicleId = attributes.id
      lengthM = undefined
    } else if (isState()) {
      values = {}
      line = xml.lineNow()
    }
  }

  /** States of obstacles; the planning problem's initial state is nobody's. */
  function isState(): boolean {
    const [, owner, first, second] = path
    if (owner !== 'obstacle' && owner !== 'dynamicObstacle') return false
    return path.length === 3 ? first === 'initialState' : path.length === 4 && first === 'trajectory' && second === 'state'
  }

  function piece(part: string) {
    text += part
  }

  function close(name: string) {
    if (values !== undefined && isState()) {
      if (isDynamic) take(values)
      values = undefined
    } else if (values !== undefined) {
      const inState = path.slice(path[2] === 'initialState' ? 3 : 4).join('/')
      if (readPaths.has(inState)) values[inState] = text.trim()
    } else if (name === 'role' && path.length === 3) isDynamic = text.trim() === 'dynamic'
    else if (name === 'length' && path.slice(2).join('/') === 'shape/rectangle/length') lengthM = text.trim()
    path = path.slice(0, -1)
    text = ''
  }

  function take(given: Readonly<Record<string, string>>) {
    if (states.length < statesMax) {
      states.push({ line, vehicleId, lengthM, step: Number(given[paths.step] ?? Number.NaN), values: given })
      return
    }
    counts.row()
    counts.rejectRow('too_long', line, `over ${statesMax} states`)
  }

  function end() {
    for (const state of states.sort((a, b) => a.step - b.step || a.line - b.line)) readState(state)
    states.length = 0
  }

  function readState(state: State) {
    row.begin(state.line)
    row.set('timeS', Number.isNaN(state.step) ? state.values[paths.step] : Math.round(state.step * stepS * 1e6) / 1e6)
    row.set('vehicleId', state.vehicleId)
    row.set('xM', state.values[paths.x])
    row.set('yM', state.values[paths.y])
    row.set('headingDeg', headingOf(state.values[paths.orientation]))
    row.set('speedMps', state.values[paths.speed])
    row.set('accelMps2', state.values[paths.accel])
    row.set('lengthM', state.lengthM)
    row.end()
  }

  return xml
}

/** Radians counter-clockwise from east become degrees clockwise from north; what is no number stays what it is. */
function headingOf(orientation: string | undefined): number | string | undefined {
  const radians = orientation === undefined || orientation === '' ? Number.NaN : Number(orientation)
  if (!Number.isFinite(radians)) return orientation
  const deg = (90 - (radians * 180) / Math.PI) % 360
  return deg < 0 ? deg + 360 : deg
}
