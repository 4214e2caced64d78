// What flags say about an alert, for issue and update: partial, since an update changes only what it names.
import { readFileSync } from 'node:fs'
import { type AreaInput, areaFromGeoJson, compileArea, createFrame } from '@outrider/geo'
import { causes, findCause, formatAlertKey, outrider, parseAlertKey, priorities, trafficDirections } from '@outrider/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { wholeIn } from '../whole-number.js'
import { middleOf } from './area-middle.js'

const { Advice, AlertStatus } = outrider.v1

export type WireAlert = outrider.v1.Alert.$Properties

export interface ContentOptions {
  readonly cause?: number
  readonly subCause?: number
  readonly at?: outrider.v1.Position.$Properties
  readonly radius?: number
  readonly area?: string
  readonly width?: number
  readonly heading?: number
  readonly direction?: keyof typeof trafficDirections
  readonly awareness?: number
  readonly priority?: keyof typeof priorities
  readonly status?: keyof typeof statuses
  readonly advice?: keyof typeof advices
  readonly text?: readonly outrider.v1.OperatorText.$Properties[]
  readonly replaces?: readonly outrider.v1.AlertId.$Properties[]
}

const statuses = {
  actual: AlertStatus.ALERT_STATUS_ACTUAL,
  exercise: AlertStatus.ALERT_STATUS_EXERCISE,
  test: AlertStatus.ALERT_STATUS_TEST,
} as const
const advices = {
  none: Advice.ADVICE_NONE,
  slow: Advice.ADVICE_SLOW,
  stop: Advice.ADVICE_STOP,
  'keep-lane': Advice.ADVICE_KEEP_LANE,
  'change-left': Advice.ADVICE_CHANGE_LEFT,
  'change-right': Advice.ADVICE_CHANGE_RIGHT,
  'do-not-overtake': Advice.ADVICE_DO_NOT_OVERTAKE,
  'give-way': Advice.ADVICE_GIVE_WAY,
  detour: Advice.ADVICE_DETOUR,
} as const

/** The flags that say what an alert is about. */
export function addContentOptions(command: Command): Command {
  return command
    .option('--cause <code>', 'what is dangerous: a code or name of the list below', readCause)
    .option('--sub-cause <code>', 'more exactly (ETSI TS 102 894-2), 0 to 255', wholeIn(0, 255))
    .option('--at <lat,lon>', 'where it is, degrees; default: the middle of the area', readPosition)
    .option('--radius <m>', 'its extent: a circle around --at or a GeoJSON Point, 0.01 to 1000000', numberIn(0.01, 1_000_000))
    .option('--area <file>', 'its extent: GeoJSON Polygon, MultiPolygon, LineString or Point; - reads standard input')
    .option('--width <m>', 'full width around a GeoJSON LineString, 0.01 to 10000', numberIn(0.01, 10_000))
    .option('--heading <deg>', 'reference heading, clockwise from north, 0 to 359.9', numberIn(0, 359.94))
    .addOption(new Option('--direction <whose>', 'whose traffic, seen from the heading').choices(Object.keys(trafficDirections)))
    .option('--awareness <m>', 'who is to know: so far around, 0 to 10000; default: the cause’s', wholeIn(0, 10_000))
    .addOption(new Option('--priority <how>', 'default: the cause’s').choices(Object.keys(priorities)))
    .addOption(new Option('--status <what>', 'tests are never shown; default: actual').choices(Object.keys(statuses)))
    .addOption(new Option('--advice <what>', 'what drivers are advised to do').choices(Object.keys(advices)))
    .option('--text <lang=text...>', 'own words, such as en="Road closed"; once per language, at most 8', collectTexts)
    .option('--replaces <id...>', 'alerts whose place it takes', collectIds)
    .addHelpText('after', `\nCauses:\n${causeList()}`)
}

/** The content that flags name, laid over what there is; defaults of the cause where neither says anything. @throws CliError */
export function contentOf(options: ContentOptions, before: WireAlert = {}): WireAlert {
  const area = areaOf(options)
  const cause = options.cause ?? before.cause?.code ?? undefined
  if (cause === undefined) throw new CliError(exitCodes.usage, '--cause is missing: what is dangerous? --help lists the causes')
  const isNewCause = options.cause !== undefined && options.cause !== before.cause?.code
  const subCause = options.subCause ?? (isNewCause ? 0 : (before.cause?.subCause ?? 0))
  const defaults = findCause(cause)?.defaults
  const shape = area ?? before.area
  if (shape == null)
    throw new CliError(exitCodes.usage, 'where? --at LAT,LON with --radius M, or --area FILE: an alert without an area would go to nobody')
  const eventPosition = options.at ?? (area === undefined ? before.eventPosition : middleOf(area))
  const heading = options.heading === undefined ? before.referenceHeadingDecideg : Math.round(options.heading * 10)
  const direction = options.direction === undefined ? before.trafficDirection : trafficDirections[options.direction]
  return {
    ...before,
    cause: { code: cause, subCause },
    eventPosition: eventPosition ?? null,
    area: shape,
    referenceHeadingDecideg: heading ?? null,
    // What the cause says of directions means something only along a heading.
    trafficDirection: direction || (heading == null ? trafficDirections.all : trafficDirections[defaults?.direction ?? 'all']),
    awarenessDistanceM: options.awareness ?? before.awarenessDistanceM ?? defaults?.awarenessM ?? 0,
    priority: options.priority === undefined ? (before.priority ?? 0) : priorities[options.priority],
    status: options.status === undefined ? before.status || statuses.actual : statuses[options.status],
    advice: options.advice === undefined ? (before.advice ?? 0) : advices[options.advice],
    texts: [...(options.text ?? before.texts ?? [])],
    replaces: [...(options.replaces ?? before.replaces ?? [])],
  }
}

/** Whether any of the content's flags was given. */
export function namesContent(options: ContentOptions): boolean {
  const { cause, subCause, at, radius, area, heading, direction, awareness, priority, status, advice, text, replaces } = options
  return [cause, subCause, at, radius, area, heading, direction, awareness, priority, status, advice, text, replaces].some(
    value => value !== undefined,
  )
}

/** Whether an area is valid does not depend on where it is asked from. */
const anywhere = createFrame(0, 0)

function areaOf({ at, radius, area, width }: ContentOptions): outrider.v1.Area.$Properties | undefined {
  if (area === undefined) {
    if (width !== undefined) throw new CliError(exitCodes.usage, '--width goes with a LineString of --area FILE')
    if (radius === undefined) return undefined
    if (at === undefined) throw new CliError(exitCodes.usage, '--radius goes with --at LAT,LON, or a Point of --area FILE')
    return { circle: { center: at, radiusCm: Math.round(radius * 100) } }
  }
  const geometry = geometryOf(area)
  const read = areaFromGeoJson(geometry, {
    ...(radius !== undefined && { radiusM: radius }),
    ...(width !== undefined && { widthM: width }),
  })
  const checked = read.ok ? compileArea(read.input, anywhere) : read
  if (!checked.ok) throw new CliError(exitCodes.usage, checked.problems.map(({ text }) => `--area ${area}: ${text}`).join('\n'))
  return (read as { readonly input: AreaInput }).input as outrider.v1.Area.$Properties
}

/** The geometry of a file: bare, or of a feature, also of a collection of one. */
function geometryOf(file: string): unknown {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    throw new CliError(exitCodes.usage, `--area ${file}: must be a file of GeoJSON: ${(error as Error).message}`, { cause: error })
  }
  const { type, geometry, features } = (json ?? {}) as { type?: unknown; geometry?: unknown; features?: unknown }
  if (type === 'Feature') return geometry
  if (type !== 'FeatureCollection') return json
  const list = Array.isArray(features) ? features : []
  if (list.length === 1) return (list[0] as { geometry?: unknown } | null)?.geometry
  throw new CliError(exitCodes.usage, `--area ${file}: features has ${list.length} entries; an alert has one area, so it must have one`)
}

export function readCause(text: string): number {
  const code = /^\d+$/.test(text) ? Number(text) : causes[text as keyof typeof causes]?.code
  if (code !== undefined && code !== causes.humanProblem.code && findCause(code) !== undefined) return code
  throw new InvalidArgumentError('It must be a cause of the list that --help shows, such as 94 or stationaryVehicle.')
}

function readPosition(text: string): outrider.v1.Position.$Properties {
  const parts = text.split(',')
  const [latitude, longitude] = parts.map(part => (/^\s*[+-]?\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN))
  if (parts.length === 2 && Math.abs(latitude!) <= 90 && Math.abs(longitude!) <= 180)
    return { latitudeE7: Math.round(latitude! * 1e7), longitudeE7: Math.round(longitude! * 1e7) }
  throw new InvalidArgumentError('It must be latitude and longitude in degrees, -90 to 90 and -180 to 180, such as 53.55,9.99.')
}

function collectTexts(text: string, before: readonly outrider.v1.OperatorText.$Properties[] = []) {
  const [, language, words] = /^([A-Za-z0-9-]{2,35})=(.+)$/s.exec(text) ?? []
  if (language === undefined || words === undefined || [...words].length > 500)
    throw new InvalidArgumentError('It must be a language, an equals sign and 1 to 500 characters, such as en="Road closed".')
  return [...before, { language, text: words }]
}

function collectIds(text: string, before: readonly outrider.v1.AlertId.$Properties[] = []) {
  return [...before, readAlertId(text)]
}

/** An alert's id as commands print it: node/boot/sequence. */
export function readAlertId(text: string): outrider.v1.AlertId.$Properties {
  const id = parseAlertKey(text)
  if (id === undefined || formatAlertKey(id) !== text)
    throw new InvalidArgumentError('It must be an alert’s id as alert list shows it, such as region-1/0a1b2c3d/7.')
  return id
}

function numberIn(min: number, max: number) {
  return (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a number, ${min} to ${max}.`)
  }
}

function causeList(): string {
  return Object.entries(causes)
    .filter(([, { code }]) => code !== causes.humanProblem.code)
    .map(([name, { code }]) => `  ${String(code).padStart(3)}  ${name}`)
    .join('\n')
}
