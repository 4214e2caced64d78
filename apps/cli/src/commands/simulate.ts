import { Command, Option } from 'commander'
import { runAppLines } from '../driving/app-lines.js'
import { type CityResult, type CityStatus, cityResultLines, cityStatusLines } from '../driving/city-text.js'
import { createLiveBlock } from '../driving/live-block.js'
import { addFleetFlags, environmentOf, type FleetFlags, insecureHelp, requireIdentity } from '../driving/vehicle-identity.js'
import { durationOption } from '../duration-option.js'
import { numberBetween } from '../number-between.js'

interface Options extends FleetFlags {
  readonly url?: string
  readonly vehicles?: number
  readonly seed?: number
  readonly duration?: number
  readonly lat?: number
  readonly lon?: number
  readonly hazardEvery?: number
  readonly json?: true
}

/** `outrider simulate`: starts the simulator, and shows what it says. */
export function simulateCommand(): Command {
  const command = new Command('simulate').description('drive a seeded city of vehicles, with hazards now and then, against running nodes')
  return addFleetFlags(command, '--url <url>')
    .addOption(new Option('--vehicles <number>', 'vehicles at once, 1 to 20000 (300)').argParser(numberBetween(1, 20_000, { whole: true })))
    .addOption(
      new Option('--seed <number>', 'the same seed is the same city (1)').argParser(numberBetween(0, 4_294_967_295, { whole: true })),
    )
    .addOption(durationOption('--duration <duration>', 'how long to drive; without it until Ctrl-C', { min: '1s', max: '7d' }))
    .addOption(new Option('--lat <degrees>', 'latitude of the city’s middle (53.55)').argParser(numberBetween(-80, 80)))
    .addOption(new Option('--lon <degrees>', 'longitude of the city’s middle (9.99)').argParser(numberBetween(-180, 180)))
    .addOption(new Option('--hazard-every <seconds>', 'mean time between hazards, 0 for none (20)').argParser(numberBetween(0, 86_400)))
    .option('--json', 'print JSON lines: ready, a status a second, and the result last')
    .addHelpText('after', `\n${insecureHelp}\n\nExample:\n  outrider simulate --url ws://127.0.0.1:7445 --keys keys --duration 60s`)
    .action(simulate)
}

async function simulate(options: Options): Promise<void> {
  requireIdentity(options)
  const block = createLiveBlock(process.stdout, () => performance.now())
  process.exitCode = await runAppLines({
    app: 'simulator',
    environment: {
      OUTRIDER_LOG_LEVEL: process.env.OUTRIDER_LOG_LEVEL ?? 'error',
      ...environmentOf({
        OUTRIDER_SIMULATOR_URL: options.url,
        OUTRIDER_SIMULATOR_KEYS: options.keys,
        OUTRIDER_SIMULATOR_VEHICLES: options.vehicles,
        OUTRIDER_SIMULATOR_SEED: options.seed,
        OUTRIDER_SIMULATOR_DURATION_S: options.duration === undefined ? undefined : options.duration / 1_000,
        OUTRIDER_SIMULATOR_LATITUDE: options.lat,
        OUTRIDER_SIMULATOR_LONGITUDE: options.lon,
        OUTRIDER_SIMULATOR_HAZARD_S: options.hazardEvery,
      }),
    },
    onError: text => process.stderr.write(`${text}\n`),
    onLine({ ready, status, result }, text) {
      if (options.json === true) process.stdout.write(`${text}\n`)
      else if (ready !== undefined) block.say('The city drives. Ctrl-C ends it.')
      else if (status !== undefined) block.show(cityStatusLines(status as CityStatus))
      else if (result !== undefined) {
        block.clear()
        block.say(...cityResultLines(result as CityResult))
      }
    },
  })
}
