import { writeFile } from 'node:fs/promises'
import { type Origin, TrafficError } from '@outrider/traffic'
import { Command, Option } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'
import { runAppLines } from '../driving/app-lines.js'
import { createLiveBlock } from '../driving/live-block.js'
import { counted } from '../driving/numbers.js'
import { boundsOf, type RecordingBounds, zoneTableAround } from '../driving/recording-bounds.js'
import {
  type ReplayResult,
  type ReplayStatus,
  replayResultLines,
  replayStatusLine,
  traceLines,
  type Warning,
  warningHeader,
  warningLine,
} from '../driving/replay-text.js'
import { addFleetFlags, environmentOf, type FleetFlags, insecureHelp, requireIdentity } from '../driving/vehicle-identity.js'
import { numberBetween } from '../number-between.js'
import { originOf } from '../origin-of.js'

interface Options extends FleetFlags {
  readonly to?: string
  readonly from?: number
  readonly until?: number
  readonly origin?: Origin
  readonly equipped?: number
  readonly seed?: number
  readonly speed?: number
  readonly bounds?: true
  readonly zones?: string
  readonly node: string
  readonly json?: true
}

const secondsMax = 1e12
const urlDefault = 'ws://127.0.0.1:7445'

/** `outrider replay FILE`: a recording on real sockets. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('drive a recording against running nodes: each of its vehicles a real one; says who was warned, when and of what')
    .argument('<file>', 'CSV, NDJSON or SUMO FCD XML, plain or gzip (docs/traffic.md)')
  return addFleetFlags(command, '--to <url>')
    .addOption(new Option('--from <seconds>', 'begin here, in the recording’s own time').argParser(numberBetween(-secondsMax, secondsMax)))
    .addOption(new Option('--until <seconds>', 'end here').argParser(numberBetween(-secondsMax, secondsMax)))
    .addOption(new Option('--origin <lat,lon>', 'what metres are counted from, for a recording without degrees').argParser(originOf))
    .addOption(new Option('--equipped <share>', 'share of vehicles that have a connection, 0 to 1 (1)').argParser(numberBetween(0, 1)))
    .addOption(new Option('--seed <number>', 'chooses who is equipped (1)').argParser(numberBetween(0, 4_294_967_295, { whole: true })))
    .addOption(new Option('--speed <factor>', 'only 1, real time: see below').argParser(numberBetween(0, 1_000)))
    .option('--bounds', 'only read the recording, and say where and when it is')
    .option('--zones <file>', 'with --bounds: write a zone table that covers it, for a node to try it on')
    .option('--node <name>', 'with --zones: name of that node', 'edge-1')
    .option('--json', 'print JSON lines: ready, warned, over, a status a second, and the result last')
    .addHelpText(
      'after',
      `
${insecureHelp}

Time is real time, whatever the file. A node compares every sample’s time with its own clock (at most 2 s ahead, 65 s behind) and positions
with speeds: driven faster, vehicles would be liars to it. outrider evaluate goes through a recording as fast as it can.

A node for a recording:
  outrider replay FILE --bounds --zones zones.json
  OUTRIDER_EDGE_ZONES=zones.json OUTRIDER_INSECURE=1 outrider edge
  OUTRIDER_INSECURE=1 outrider replay FILE --to ${urlDefault}`,
    )
    .action(replay)
}

async function replay(file: string, options: Options): Promise<void> {
  if (options.bounds === true) return showBounds(file, options)
  if (options.zones !== undefined) throw new CliError(exitCodes.usage, '--zones goes with --bounds')
  if ((options.speed ?? 1) !== 1) {
    throw new CliError(
      exitCodes.usage,
      `--speed ${options.speed} cannot be honest: nodes live in real time, and would call these vehicles implausible. Only 1 is; outrider evaluate goes through a recording as fast as it can`,
    )
  }
  requireIdentity(options)
  const block = createLiveBlock(process.stdout, () => performance.now())
  process.exitCode = await runAppLines({
    app: 'replay',
    environment: {
      OUTRIDER_LOG_LEVEL: process.env.OUTRIDER_LOG_LEVEL ?? 'error',
      ...environmentOf({
        OUTRIDER_REPLAY_FILE: file,
        OUTRIDER_SIMULATOR_URL: options.to,
        OUTRIDER_SIMULATOR_KEYS: options.keys,
        OUTRIDER_REPLAY_FROM_S: options.from,
        OUTRIDER_REPLAY_UNTIL_S: options.until,
        OUTRIDER_REPLAY_ORIGIN: options.origin && `${options.origin.lat},${options.origin.lon}`,
        OUTRIDER_REPLAY_EQUIPPED: options.equipped,
        OUTRIDER_REPLAY_SEED: options.seed,
      }),
    },
    onError: text => process.stderr.write(`${text}\n`),
    onLine({ ready, warned, status, result }, text) {
      if (options.json === true) process.stdout.write(`${text}\n`)
      else if (ready !== undefined) block.say(warningHeader)
      else if (warned !== undefined) block.say(warningLine(warned as Warning))
      else if (status !== undefined) block.show([replayStatusLine(status as ReplayStatus)])
      else if (result !== undefined) {
        block.clear()
        block.say(...replayResultLines(result as ReplayResult))
      }
    },
  })
}

async function showBounds(file: string, { origin, zones, node, to, json }: Options): Promise<void> {
  const bounds = await boundsOf(file, origin).catch(error => {
    if (error instanceof TrafficError) throw new CliError(exitCodes.usage, `${file}: ${error.message}`, { cause: error })
    throw error
  })
  if (!('fromS' in bounds)) throw new CliError(exitCodes.usage, [`${file} has no sample`, ...traceLines(bounds.trace as never)].join('\n'))
  if (zones !== undefined) await writeZones(zones, zoneTableAround(bounds, node, to ?? urlDefault))
  if (json === true) process.stdout.write(`${JSON.stringify(bounds)}\n`)
  else process.stdout.write(`${boundsLines(bounds).join('\n')}\n`)
}

async function writeZones(file: string, text: string): Promise<void> {
  try {
    // Never over a table that a node may be using.
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new CliError(exitCodes.usage, isThere ? `${file} is there already` : `${file} cannot be written: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function boundsLines({ fromS, untilS, vehicles, south, west, north, east, trace }: RecordingBounds): string[] {
  return [
    `time       ${fromS.toFixed(1)} to ${untilS.toFixed(1)} s`,
    `latitude   ${south.toFixed(6)} to ${north.toFixed(6)}`,
    `longitude  ${west.toFixed(6)} to ${east.toFixed(6)}`,
    `vehicles   ${counted(vehicles, 'vehicle')}, ${counted(trace.samples, 'sample')}`,
    ...traceLines(trace as never),
  ]
}
