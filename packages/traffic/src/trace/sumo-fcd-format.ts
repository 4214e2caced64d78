// SUMO floating car data: <fcd-export><timestep time="…"><vehicle id x y angle speed …/>…. The only thing that says whether x and y
// are degrees or metres is the configuration that SUMO repeats in a comment at the top; files from elsewhere may lack it.
import sax from 'sax'
import { TrafficError } from '../traffic-error.js'
import type { ColumnKey } from './columns.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

/**
 * Elements open at a time and attributes of one element: SUMO has 3 and about 20. More is no SUMO file, and would have to be held;
 * texts, names and values are limited by sax itself (64 KiB).
 */
const depthMax = 16
const attributesMax = 256

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
  const parser = sax.parser(true, { position: true })
  let time: string | undefined
  let isGeo: boolean | undefined
  let isBroken = false
  let depth = 0
  let attributes = 0

  // Thrown from here an error leaves through `push`; sax would otherwise go on to the next thing it can make sense of.
  parser.onerror = error => {
    throw error
  }
  parser.oncomment = text => {
    const stated = /<fcd-output\.geo\s+value="(\w+)"/.exec(text)?.[1]
    if (stated !== undefined) isGeo = ['true', '1', 'yes', 'on', 'x', 't'].includes(stated.toLowerCase())
  }
  parser.onattribute = () => {
    if (++attributes > attributesMax) throw new Error(`more than ${attributesMax} attributes`)
  }
  parser.onopentag = ({ name, attributes: byName }) => {
    attributes = 0
    if (++depth > depthMax) throw new Error(`more than ${depthMax} elements open`)
    if (name === 'timestep') time = String(byName.time ?? '')
    else if (name === 'vehicle') readVehicle(byName as Record<string, string>)
    else if (name !== 'fcd-export') counts.unknownColumn(`<${name}>`, lineNow())
  }
  parser.onclosetag = () => {
    depth--
  }

  /** sax counts lines from 0. */
  function lineNow(): number {
    return parser.line + 1
  }

  function readVehicle(byName: Record<string, string>) {
    const line = lineNow()
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
  function looksGeo({ x = '', y = '' }: Record<string, string>): boolean {
    if (hasOrigin) return false
    const isDegrees = Math.abs(Number(x)) <= 180 && Math.abs(Number(y)) <= 90 && /\.\d{5}/.test(`${x} ${y}`)
    if (isDegrees) return true
    throw new TrafficError('origin_missing', `line ${lineNow()}: x and y are metres, not degrees; give the origin they are counted from`)
  }

  /** What follows broken XML cannot be trusted: it is counted once, with its line, and the rest is not read. */
  function guarded(act: () => void) {
    if (isBroken) return
    try {
      act()
    } catch (error) {
      if (error instanceof TrafficError) throw error
      isBroken = true
      counts.row()
      counts.rejectRow('malformed_line', lineNow(), `broken XML, rest not read: ${firstLine(error)}`)
    }
  }

  return {
    push: text =>
      guarded(() => {
        parser.write(text)
      }),
    end: () =>
      guarded(() => {
        parser.close()
      }),
  }
}

/** sax writes line, column and character on lines of their own. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
}

function flagsOf(signals: string): string[] | string {
  const mask = /^\d+$/.test(signals) ? Number(signals) : undefined
  if (mask === undefined) return signals
  return signalFlags.filter(([bits]) => (mask & bits) !== 0).map(([, flag]) => flag)
}
