// What the simulated city is made of, what it starts and what it stops: read it top to bottom.
import files from 'node:fs/promises'
import { createLifecycle, createLog, type Lifecycle } from '@outrider/service'
import { createCity } from '@outrider/traffic'
import { createAcceptedFile } from './accepted-file.js'
import { createCityDrive } from './drive-city.js'
import { createFleet } from './fleet.js'
import { createFleetTally } from './fleet-tally.js'
import { createReportToAlert } from './report-to-alert.js'
import { RunError, runErrorCodes } from './run-error.js'
import type { SimulatorSettings } from './settings.js'
import { createKeyedTokens, insecureTokens, type VehicleTokens } from './vehicle-tokens.js'

export interface SimulatorParts {
  readonly settings: SimulatorSettings
  /** One object a line on standard output. */
  readonly print: (line: object) => void
  /** The duration is over. */
  readonly onOver: () => void
}

/** All of the stop list; Ctrl-C is expected to take 5 s. */
const stopWithinMs = 4_500
/** How long the end waits for acknowledgements: a node syncs within milliseconds, so that more means it is not there. */
const settleMs = 2_500
const statusMs = 1_000
/** The first vehicles of a run have so long to find a node. */
const firstWithinMs = 30_000
/** All vehicles have so much longer; then the run goes on without those that could not connect. */
const allWithinMs = 30_000

export function composeSimulator({ settings, print, onOver }: SimulatorParts): Lifecycle {
  const { seed, url, keyFolder } = settings
  const log = createLog({ app: 'simulator', instance: `seed-${seed}`, level: settings.logLevel })
  const tally = createFleetTally()
  const city = createCity({
    seed,
    vehicles: settings.vehicles,
    originLat: settings.latitude,
    originLon: settings.longitude,
    hazardEveryS: settings.hazardEveryS,
    decoyEveryS: settings.decoyEveryS,
  })
  let tokens: VehicleTokens = insecureTokens
  const accepted = settings.acceptedFile === undefined ? undefined : createAcceptedFile(settings.acceptedFile)
  const failures = new Map<string, string>()
  const fleet = createFleet({
    url,
    tokens: { issue: (enrolment, role) => tokens.issue(enrolment, role) },
    enrolmentOf: ({ enrolment }) => `outrider-simulator/${seed}/${enrolment}`,
    connectsPerSecond: settings.connectsPerSecond,
    tally,
    onAlert(vehicle, alert, { vehicle: { clockOffsetMs, node } }) {
      if (alert.revision !== 1 || clockOffsetMs === undefined) return
      const { id: key, message, receivedAtMs } = alert
      measure.arrived({ vehicle, key, message, receivedAtMs, clockOffsetMs, node })
    },
    onAlertEnded: () => undefined,
    onEvent: (vehicle, event) => accepted?.event(vehicle, event),
    onToken: (vehicle, token) => accepted?.presents(vehicle, token),
    onFailure(code, message) {
      // Each kind once: three hundred vehicles fail alike.
      if (failures.has(code)) return
      failures.set(code, message)
      log.warn('vehicle_failed', { code, message })
    },
  })
  const measure = createReportToAlert({ truth: city.truth, cityS: () => city.timeS, reportsOf: id => fleet.get(id)?.reports })
  const drive = createCityDrive({ city, fleet })

  let ticking: NodeJS.Timeout | undefined
  let ending: NodeJS.Timeout | undefined
  let isDriving = false
  let samplesBefore = 0
  let statusAtMs = 0

  function status(): void {
    const nowMs = performance.now()
    const { samples, reportsAccepted, reportsRefused, alertsReceived, alertsShown, deliveriesAcknowledged, moves } = tally.counts
    const samplesPerSecond = Math.round(((samples - samplesBefore) * 1_000) / Math.max(1, nowMs - statusAtMs))
    samplesBefore = samples
    statusAtMs = nowMs
    print({
      status: {
        cityS: Math.round(city.timeS * 10) / 10,
        vehicles: fleet.size,
        connected: fleet.connected,
        samplesPerSecond,
        reportsAccepted,
        reportsRefused,
        hazards: city.truth().filter(({ toS }) => toS === Number.POSITIVE_INFINITY).length,
        alertsReceived,
        alertsShown,
        alertsHeld: fleet.alertsHeld,
        deliveriesAcknowledged,
        moves,
        behindMsMax: drive.behindMsMax,
        ...measure.result(),
      },
    })
  }

  async function whenConnected(): Promise<void> {
    // A sample of everybody, with which the city begins: nobody drives yet.
    for (const sample of firstSamples()) fleet.add(sample)
    const beganAtMs = performance.now()
    while (fleet.connected < fleet.size) {
      const waitedMs = performance.now() - beganAtMs
      if (fleet.connected === 0 && waitedMs > firstWithinMs) throw new RunError(runErrorCodes.noNode, noNode())
      if (waitedMs > firstWithinMs + allWithinMs) break
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  /** The city's first interval, which every vehicle reports in. */
  function firstSamples() {
    const first = new Map(city.step(1).map(sample => [sample.vehicleId, sample]))
    return first.values()
  }

  function noNode(): string {
    return `no vehicle could connect through ${url} within ${firstWithinMs / 1_000} s (${[...failures.values()][0] ?? 'no answer'}); is a node running there?`
  }

  return createLifecycle({
    stopWithinMs,
    // A start that failed is told in words by the process.
    onEvent: ({ event, ...fields }) => (event === 'step_done' || !isDriving ? log.debug(event, fields) : log.error(event, fields)),
    start: [
      {
        name: 'keys',
        run: async () => {
          if (keyFolder !== undefined) tokens = await createKeyedTokens({ folder: keyFolder, files, nowMs: Date.now })
        },
      },
      { name: 'connect', run: whenConnected },
      {
        name: 'drive',
        run: () => {
          isDriving = true
          drive.start()
          ticking = setInterval(status, statusMs)
          if (settings.durationS > 0) ending = setTimeout(onOver, settings.durationS * 1_000)
          print({ ready: 'simulator', vehicles: fleet.size, connected: fleet.connected, seed })
        },
      },
    ],
    stop: [
      {
        name: 'reports',
        run: () => {
          clearTimeout(ending)
          clearInterval(ticking)
          drive.stop()
        },
      },
      { name: 'acknowledgements', run: () => fleet.settle(settleMs) },
      { name: 'vehicles', run: fleet.close },
      { name: 'accepted', run: async () => accepted?.close() },
      {
        name: 'result',
        run: () => {
          if (!isDriving) return
          const hazards = city.truth().length
          print({
            result: {
              seed,
              cityS: city.timeS,
              ...tally.counts,
              hazards,
              behindMsMax: drive.behindMsMax,
              pauses: drive.pauses,
              ...measure.result(),
            },
          })
        },
      },
    ],
  })
}
