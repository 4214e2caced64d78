// SUMO floating car data: <fcd-export><timestep time="…"><vehicle id x y angle speed …/>…. The only thing that says whether x and y
// are degrees or metres is the configuration that SUMO repeats in a comment at the top; files from elsewhere may lack it.
import { TrafficError } from '../traffic-error.js'
import type { ColumnKey } from './columns.js'
import { createGuardedXml } from './guarded-xml.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

export const sumoFcdFormat: TraceFormat = {
  name: 'sumo_fcd',
  matches: head => head.startsWith('<') && /<fcd-export[\s>]/.test(head),
  createParser: createSumoFcdParser,
}

const attributeKeys: ReadonlyMap<string, ColumnKey> = new Map([
  ['id', 'vehicleId'],
  ['angle', 'headingDeg'],
  ['speed', 'speedMps'],
  ['acceleration', 'accelMps2'],
  ['z', 'altM'],
])

/** Vehicle signals as SUMO writes them, a mask: blinkers of both sides, fog lights, reverse, doors, blue/red/yellow beacon. */
const signalFlags: readonly (readonly [mask: number, flag: string])[] = [
  [1 << 2, 'hazard_lights'],
  [1 << 5, 'fog_front'],
  [1 << 7, 'reverse'],
  [(1 << 9) | (1 << 10), 'doors_open'],
  [(1 << 11) | (1 << 12) | (1 << 13), 'light_bar'],
]

function createSumoFcdParser({ row, counts, hasOrigin }: TraceParserOptions): TraceParser {
  let time: string | undefined
  let isGeo: boolean | undefined

  const xml = createGuardedXml(counts, {
    comment(text) {
      const stated = /<fcd-output\.geo\s+value="(\w+)"/.exec(text)?.[1]
      if (stated !== undefined) isGeo = ['true', '1', 'yes', 'on', 'x', 't'].includes(stated.toLowerCase())
    },
    open(name, attributes) {
      if (name === 'timestep') time = attributes.time ?? ''
      else if (name === 'vehicle') readVehicle(attributes)
      else if (name !== 'fcd-export') counts.unknownColumn(`<${name}>`, xml.lineNow())
    },
  })

  function readVehicle(byName: Readonly<Record<string, string>>) {
    const line = xml.lineNow()
    isGeo ??= looksGeo(byName)
    row.begin(line)
    row.set('timeS', time)
    for (const [name, value] of Object.entries(byName)) {
      const key = attributeKeys.get(name)
      if (key !== undefined) row.set(key, value)
      else if (name === 'x') row.set(isGeo ? 'lon' : 'xM', value)
      else if (name === 'y') row.set(isGeo ? 'lat' : 'yM', value)
      else if (name === 'signals') row.set('flags', flagsOf(value))
      else counts.unknownColumn(name, line)
    }
    row.end()
  }

  /** Without a word from SUMO: an origin given means metres; else degrees have six decimals where metres have two. */
  function looksGeo({ x = '', y = '' }: Readonly<Record<string, string>>): boolean {
    if (hasOrigin) return false
    const isDegrees = Math.abs(Number(x)) <= 180 && Math.abs(Number(y)) <= 90 && /\.\d{5}/.test(`${x} ${y}`)
    if (isDegrees) return true
    throw new TrafficError(
      'origin_missing',
      `line ${xml.lineNow()}: x and y are metres, not degrees; give the origin they are counted from`,
    )
  }

  return xml
}

function flagsOf(signals: string): string[] | string {
  const mask = /^\d+$/.test(signals) ? Number(signals) : undefined
  if (mask === undefined) return signals
  return signalFlags.filter(([bits]) => (mask & bits) !== 0).map(([, flag]) => flag)
}
