// NYC Connected Vehicle Pilot event records: one JSON document of a warning and the basic safety messages around it (SAE J2735), with
// positions in metres from the warning and seconds from it. The document is one object, so that it is read when it is whole.
//   accuracy   J2735 semi-major axis: one standard deviation in 0.05 m; two dimensions hold 95 % within 2.45 of them
//   lat_mpss   right positive in J2735 (seen in the recordings: with v × yaw rate, correlation 0.9); left positive here
import type { ColumnKey } from './columns.js'
import type { TraceFormat, TraceParser, TraceParserOptions } from './trace-format.js'

/** Some minutes of ten messages a second are half a megabyte; more than this is not held. */
const documentCharsMax = 32 * 1024 * 1024
const semiMajorM = 0.05
const semiMajorUnavailable = 255
const sigmasFor95 = 2.45

export const nycEventFormat: TraceFormat = {
  name: 'nyc_event',
  matches: head => head.startsWith('{') && /"(?:eventHeader|bsmList)"\s*:/.test(head.slice(0, 1_024)),
  // Where an event happened is taken out of the records on purpose.
  localOrigin: () => ({ lat: 0, lon: 0 }),
  createParser: createNycEventParser,
}

const coreKeys: readonly (readonly [name: string, key: ColumnKey])[] = [
  ['T_s', 'timeS'],
  ['id', 'vehicleId'],
  ['X_m', 'xM'],
  ['Y_m', 'yM'],
  ['speed_mps', 'speedMps'],
  ['heading_deg', 'headingDeg'],
]

/** DE_VehicleEventFlags, bit 0 first, by what we call them; the others are not read. */
const eventBits: ReadonlyMap<number, string> = new Map([
  [0, 'hazard_lights'],
  [2, 'abs'],
  [3, 'tcs'],
  [4, 'esc'],
  [7, 'hard_brake'],
  [11, 'breakdown'],
  [12, 'airbag'],
])
/** DE_ExteriorLights: its own bit says hazard lights. Both turn signals together are seen on lorries that drive on for minutes. */
const hazardLightsBit = 4

function createNycEventParser({ row, counts }: TraceParserOptions): TraceParser {
  let text = ''
  let isTooLong = false

  function reject(reason: 'malformed_line' | 'too_long', example: string) {
    counts.row()
    counts.rejectRow(reason, 1, example)
  }

  function readEvent() {
    const event = parse(text)
    text = ''
    const messages = isRecord(event) ? event.bsmList : undefined
    if (!Array.isArray(messages)) return reject('malformed_line', 'no event: cut off, or without a bsmList')
    // Vehicles follow each other within a record, and it is all at hand.
    const inOrder = messages.map(coreOf).sort((a, b) => timeOf(a.core) - timeOf(b.core))
    for (const { core, partII } of inOrder) readMessage(core, partII)
  }

  /** A document has no lines to speak of. */
  function readMessage(core: Fields, partII: readonly unknown[]) {
    row.begin(1)
    for (const [name, key] of coreKeys) row.set(key, core[name])
    const accel = fields(core.accelSet)
    row.set('accelMps2', accel.long_mpss)
    row.set('latAccelMps2', typeof accel.lat_mpss === 'number' && !isUnavailable(accel.lat_mpss) ? -accel.lat_mpss : accel.lat_mpss)
    row.set('yawRateDegps', accel.yaw_dps)
    const { semiMajor } = fields(core.accuracy)
    if (typeof semiMajor === 'number') row.set('hAccM', semiMajor === semiMajorUnavailable ? 255 : semiMajor * semiMajorM * sigmasFor95)
    const { length } = fields(core.size)
    if (typeof length === 'number') row.set('lengthM', length / 100)
    row.set('flags', flagsOf(core, partII))
    row.set('role', roleOf(partII))
    row.end()
  }

  return {
    push(piece) {
      if (isTooLong) return
      text += piece
      if (text.length <= documentCharsMax) return
      isTooLong = true
      text = ''
      reject('too_long', `over ${documentCharsMax} characters`)
    },
    end() {
      if (!isTooLong) readEvent()
    },
  }
}

type Fields = Readonly<Record<string, unknown>>

function coreOf(message: unknown): { readonly core: Fields; readonly partII: readonly unknown[] } {
  const bsm = fields(fields(fields(message).bsmRecord).bsmMsg)
  return { core: fields(bsm.coreData), partII: Array.isArray(bsm.partII) ? bsm.partII : [] }
}

function timeOf({ T_s }: Fields): number {
  return typeof T_s === 'number' ? T_s : Number.NEGATIVE_INFINITY
}

/** J2735's 2001, scaled: told before the sign is turned, which would hide it. */
function isUnavailable(mps2: number): boolean {
  return Math.abs(mps2 - 20.01) < 1e-9
}

function flagsOf({ transmission, brakes }: Fields, partII: readonly unknown[]): string[] {
  const { abs, scs, traction, auxBrakes } = fields(brakes)
  const flags = partII.flatMap(part => {
    const { events, lights } = fields(fields(part)['partII-Value'])
    return [
      ...bitsOf(events).flatMap(bit => eventBits.get(bit) ?? []),
      ...(bitsOf(lights).includes(hazardLightsBit) ? ['hazard_lights'] : []),
    ]
  })
  if (transmission === 'reverseGears') flags.push('reverse')
  if (abs === 'engaged') flags.push('abs')
  if (scs === 'engaged') flags.push('esc')
  if (traction === 'engaged') flags.push('tcs')
  if (auxBrakes === 'on') flags.push('parking_brake')
  return flags
}

/** Places of the bits that are set in an ASN.1 bit string as these records write it: hexadecimal, the first bit highest. */
function bitsOf(bitString: unknown): number[] {
  const { value } = fields(bitString)
  if (typeof value !== 'string' || !/^[0-9a-f]{1,8}$/i.test(value)) return []
  return [...value].flatMap((digit, at) =>
    [0, 1, 2, 3].filter(bit => (Number.parseInt(digit, 16) & (8 >> bit)) !== 0).map(bit => at * 4 + bit),
  )
}

/** DE_BasicVehicleClass: 50 to 59 transit, 60 to 69 emergency. */
function roleOf(partII: readonly unknown[]): string | undefined {
  for (const part of partII) {
    const { classification } = fields(fields(part)['partII-Value'])
    if (typeof classification !== 'number') continue
    if (classification >= 50 && classification < 60) return 'public_transport'
    if (classification >= 60 && classification < 70) return 'emergency'
  }
  return undefined
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of anything else than an object: none. */
function fields(value: unknown): Fields {
  return isRecord(value) ? value : {}
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
