// One vehicle for a person at a terminal: it drives, shows alerts as they come, and says what its driver sees.
import { connect, type Language, locateNode, SdkError, type Token, type Vehicle, type VehicleSample } from '@outrider/sdk'
import { CliError, exitCodes } from '../cli-error.js'
import { type Car, createCar } from './car.js'
import { createDriveScreen, type DriveScreen } from './drive-screen.js'
import { listenToKeys } from './keyboard.js'
import type { Route } from './route.js'

export interface Drive {
  readonly url: string
  readonly token: Token
  readonly route: Route
  readonly speedMps: number
  /** What to report a second after the start, and on `r`. */
  readonly report: { readonly cause: number; readonly distanceM: number } | undefined
  readonly hasHazardLights: boolean
  readonly brakeAfterMs: number | undefined
  readonly durationMs: number | undefined
  readonly language: Language
  readonly isJson: boolean
}

/** Five samples a second: a braking is seen in them, and ten go into a frame. */
const stepMs = 200
/** Over 6 m/s² is emergency braking to the zone. */
const brakeMps2 = 7.5
const reportAfterMs = 1_000
/** A driver who sees something and does not say what: an obstacle. */
const obstacle = { cause: 10, distanceM: 50 } as const

/** Drives until the time is over, the driver quits or a signal comes; the exit code. @throws CliError */
export async function runDrive(drive: Drive): Promise<number> {
  const screen = createDriveScreen(process.stdout, drive)
  const car = createCar(drive.route, drive.speedMps)
  const vehicle = await connectTo(drive, car, screen)
  let lights = drive.hasHazardLights
  let failure: SdkError | undefined
  let end: () => void = () => undefined
  const over = new Promise<void>(resolve => {
    end = resolve
  })

  function say(more: Partial<VehicleSample> = {}): void {
    const { latitude, longitude, headingDeg } = car.place
    const { speedMps, accelMps2 } = car
    const flags = lights ? (['hazard_lights'] as const) : []
    const urgent = vehicle.report({ latitude, longitude, headingDeg, speedMps, accelMps2, accuracyM: 2, flags, ...more })
    if (urgent !== undefined) void urgent.outcome.then(outcome => screen.reported(urgent.number, outcome))
  }

  function reportSeen(seen = drive.report ?? obstacle): void {
    say({ observations: [{ ...seen, source: 'driver' }] })
  }

  const stepping = setInterval(() => {
    car.step(stepMs / 1_000)
    if (failure === undefined) say()
    screen.drives({ car, vehicle, lights })
  }, stepMs)
  const timers = [
    ...(drive.report === undefined ? [] : [setTimeout(reportSeen, reportAfterMs)]),
    ...(drive.brakeAfterMs === undefined ? [] : [setTimeout(car.brake, drive.brakeAfterMs, brakeMps2)]),
    ...(drive.durationMs === undefined ? [] : [setTimeout(end, drive.durationMs)]),
  ]
  const keyboard = listenToKeys(process.stdin, {
    h: () => {
      lights = !lights
    },
    b: () => car.brake(brakeMps2),
    g: () => car.goOn(),
    r: () => reportSeen(),
    q: end,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  const shown = follow(vehicle, screen).catch((error: SdkError) => {
    failure = error
    end()
  })

  await over
  clearInterval(stepping)
  for (const timer of timers) clearTimeout(timer)
  keyboard.stop()
  await vehicle.close()
  await shown
  screen.ends(vehicle.stats)
  if (failure === undefined) return exitCodes.ok
  throw new CliError(exitCodes.unavailable, failure.message, { cause: failure })
}

async function connectTo({ url, token, isJson }: Drive, car: Car, screen: DriveScreen): Promise<Vehicle> {
  const { latitude, longitude } = car.place
  const owner = await locateNode(fetch, url, { latitude, longitude })
  try {
    const vehicle = await connect({ url: owner ?? url, token, onEvent: screen.event })
    if (owner === undefined && !isJson) {
      const where = `${latitude.toFixed(5)},${longitude.toFixed(5)}`
      process.stderr.write(`outrider: warning: ${url} names no node for ${where}; driving there nevertheless\n`)
    }
    return vehicle
  } catch (error) {
    if (!(error instanceof SdkError)) throw error
    const isFlag = error.code === 'invalid_option'
    throw new CliError(isFlag ? exitCodes.usage : exitCodes.unavailable, `${url}: ${error.message}`, { cause: error })
  }
}

/** Shows what comes until the vehicle is closed; rejects with what ended it otherwise. */
async function follow(vehicle: Vehicle, screen: DriveScreen): Promise<void> {
  const alerts = async () => {
    for await (const alert of vehicle.alerts()) {
      screen.alert(alert)
      alert.shown()
    }
  }
  const ends = async () => {
    for await (const { alert, reason } of vehicle.ends()) screen.over(alert, reason)
  }
  await Promise.all([alerts(), ends()])
}
