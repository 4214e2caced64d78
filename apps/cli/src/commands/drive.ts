import { readFile } from 'node:fs/promises'
import { type CauseName, causes } from '@outrider/protocol'
import { languages } from '@outrider/sdk'
import { Command, InvalidArgumentError, Option } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { driveToken } from '../driving/drive-token.js'
import { type Route, readRoute, straightRoute } from '../driving/route.js'
import { type Drive, runDrive } from '../driving/run-drive.js'
import { nodeUrl } from '../driving/vehicle-identity.js'
import { durationOption } from '../duration-option.js'
import { numberBetween } from '../number-between.js'

interface Options {
  readonly url: string
  readonly token?: string
  readonly keys?: string
  readonly enrolment: string
  readonly route?: string
  readonly lat?: number
  readonly lon?: number
  readonly heading: number
  readonly speed: number
  readonly report?: number
  readonly ahead: number
  readonly hazardLights?: true
  readonly brakeAfter?: number
  readonly language: Drive['language']
  readonly duration?: number
  readonly json?: true
}

/** `outrider drive`: be one vehicle. */
export function driveCommand(): Command {
  return new Command('drive')
    .description('be one vehicle: drive along a line, print alerts as they come, report what you see')
    .addOption(
      new Option('--url <url>', 'any edge node; the one that your position belongs to is found by it')
        .argParser(nodeUrl)
        .default('ws://127.0.0.1:7445'),
    )
    .option('--token <jwt>', 'the vehicle’s token (outrider keys token); better in OUTRIDER_TOKEN, where no process list shows it')
    .option('--keys <dir>', 'key folder (outrider keys init), to make tokens from')
    .option('--enrolment <id>', 'with --keys: who the vehicle is', 'outrider-drive')
    .option('--route <line>', '"LAT,LON LAT,LON …", or a GeoJSON file with a LineString; you stop at its end')
    .addOption(new Option('--lat <degrees>', 'without --route: where you begin').argParser(numberBetween(-85, 85)))
    .addOption(new Option('--lon <degrees>', 'without --route: where you begin').argParser(numberBetween(-180, 180)))
    .addOption(
      new Option('--heading <degrees>', 'without --route: your course, clockwise from north').argParser(numberBetween(0, 360)).default(0),
    )
    .addOption(new Option('--speed <m/s>', 'your speed; 0 stands').argParser(numberBetween(0, 100)).default(13.9))
    .addOption(
      new Option('--report <cause>', 'report what you see: ETSI cause by code or name, 10 or humanPresenceOnTheRoad').argParser(causeOf),
    )
    .addOption(new Option('--ahead <m>', 'with --report: how far ahead it is').argParser(numberBetween(0, 1_000)).default(50))
    .option('--hazard-lights', 'drive with hazard lights on')
    .addOption(durationOption('--brake-after <duration>', 'brake hard to a stop then', { min: '1s', max: '1d' }))
    .addOption(new Option('--language <tag>', 'of the alerts').choices(languages).default('en'))
    .addOption(durationOption('--duration <duration>', 'how long to drive; without it until Ctrl-C', { min: '1s', max: '1d' }))
    .option('--json', 'print JSON lines: connected, alert, over, report, and the result last')
    .addHelpText(
      'after',
      `
On a terminal: h hazard lights, b brake hard, g go on, r report (as --report says; else 10, an obstacle), q quit.
Without --token and --keys OUTRIDER_INSECURE=1 drives against nodes that run with it too, for development only.

Example:
  outrider drive --keys keys --lat 53.55 --lon 9.99 --heading 90 --speed 13.9`,
    )
    .action(drive)
}

async function drive(options: Options): Promise<void> {
  const route = await routeOf(options)
  process.exitCode = await runDrive({
    url: options.url,
    token: await driveToken({ token: options.token ?? process.env.OUTRIDER_TOKEN, keys: options.keys, enrolment: options.enrolment }),
    route,
    speedMps: options.speed,
    report: options.report === undefined ? undefined : { cause: options.report, distanceM: options.ahead },
    hasHazardLights: options.hazardLights === true,
    brakeAfterMs: options.brakeAfter,
    durationMs: options.duration,
    language: options.language,
    isJson: options.json === true,
  })
}

async function routeOf({ route, lat, lon, heading }: Options): Promise<Route> {
  if (route === undefined) {
    if (lat !== undefined && lon !== undefined) return straightRoute({ latitude: lat, longitude: lon, headingDeg: heading % 360 })
    throw new CliError(exitCodes.usage, 'say where you drive: --lat and --lon with a --heading, or a --route')
  }
  if (lat !== undefined || lon !== undefined)
    throw new CliError(exitCodes.usage, 'a --route begins where it begins: leave --lat and --lon out')
  const read = readRoute(/^\s*-?\d+(?:\.\d+)?,/.test(route) ? route : await textOf(route))
  if (typeof read === 'string') throw new CliError(exitCodes.usage, `--route: ${read}`)
  return read
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new CliError(exitCodes.usage, `--route: ${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

function causeOf(text: string): number {
  const code = /^\d{1,3}$/.test(text) ? Number(text) : causes[text as CauseName]?.code
  if (code !== undefined && Object.values(causes).some(cause => cause.code === code)) return code
  throw new InvalidArgumentError(
    `It must be an ETSI cause: ${Object.entries(causes)
      .map(([name, cause]) => `${cause.code} ${name}`)
      .join(', ')}.`,
  )
}
