// What a replay is made of, what it starts and what it stops: read it top to bottom.
import { createReadStream } from 'node:fs'
import files from 'node:fs/promises'
import { locateNode } from '@outrider/sdk'
import { createLifecycle, createLog, type Lifecycle } from '@outrider/service'
import { isEquipped, readTrace, type TrafficSample } from '@outrider/traffic'
import { createRecordingDrive } from './drive-recording.js'
import { createFleet } from './fleet.js'
import { createFleetTally } from './fleet-tally.js'
import type { ReplaySettings } from './replay-settings.js'
import { RunError, runErrorCodes } from './run-error.js'
import { createSamplesAhead } from './samples-ahead.js'
import { createKeyedTokens, insecureTokens, type VehicleTokens } from './vehicle-tokens.js'
import { createWarningLog } from './warning-log.js'

export interface ReplayParts {
  readonly settings: ReplaySettings
  /** One object a line on standard output. */
  readonly print: (line: object) => void
  /** The recording is over, or could not be read on. */
  readonly onOver: (error?: Error) => void
}

/** All of the stop list; Ctrl-C is expected to take 5 s. */
const stopWithinMs = 4_500
const settleMs = 2_500
const statusMs = 1_000
/** Vehicles of the first seconds connect before the clock goes; those that could not by then come later. */
const firstWithinMs = 30_000

export function composeReplay({ settings, print, onOver }: ReplayParts): Lifecycle {
  const { file, url, fromS, untilS, keyFolder, equippedShare, seed } = settings
  const log = createLog({ app: 'replay', instance: 'replay', level: settings.logLevel })
  const tally = createFleetTally()
  const warnings = createWarningLog()
  const failures = new Map<string, string>()
  let tokens: VehicleTokens = insecureTokens
  let unequipped = 0
  let outsideWindow = 0
  const vehicles = new Set<string>()

  const reading = readTrace(createReadStream(file), settings.origin === undefined ? {} : { origin: settings.origin })
  const fleet = createFleet({
    url,
    tokens: { issue: (enrolment, role) => tokens.issue(enrolment, role) },
    enrolmentOf: ({ enrolment }) => `outrider-replay/${enrolment}`,
    connectsPerSecond: settings.connectsPerSecond,
    tally,
    onAlert: (vehicle, alert) => print({ warned: warnings.warned(vehicle, alert, seconds(drive.timeAtS(alert.receivedAtMs))) }),
    onAlertEnded(vehicle, alert, reason) {
      const atS = seconds(drive.timeAtS(performance.now()))
      warnings.ended(alert, atS)
      print({ over: { atS, vehicle, alert: alert.id, reason } })
    },
    onFailure(code, message) {
      if (failures.has(code)) return
      failures.set(code, message)
      log.warn('vehicle_failed', { code, message })
    },
  })
  const ahead = createSamplesAhead({
    samples: reading.samples,
    clockS: () => drive.clockS,
    judge(sample) {
      if (untilS !== undefined && sample.timeS > untilS) return 'end'
      const isBefore = fromS !== undefined && sample.timeS < fromS
      if (isBefore) outsideWindow++
      else if (!isEquipped(sample.vehicleId, { share: equippedShare, seed })) unequipped++
      else return 'take'
      return 'skip'
    },
    onRead(sample) {
      vehicles.add(sample.vehicleId)
      if (!fleet.has(sample.vehicleId)) fleet.add(sample)
    },
  })
  const drive = createRecordingDrive({ ahead, fleet, onOver: () => onOver() })

  let ticking: NodeJS.Timeout | undefined
  let isDriving = false
  let samplesBefore = 0

  function status(): void {
    const { samples, reportsAccepted } = tally.counts
    const { rejectedRows, rejectedValues } = reading.report()
    print({
      status: {
        atS: seconds(drive.clockS ?? 0),
        vehicles: fleet.size,
        connected: fleet.connected,
        samplesPerSecond: Math.round(((samples - samplesBefore) * 1_000) / statusMs),
        reportsAccepted,
        alerts: warnings.alerts().length,
        warnings: warnings.warnings,
        rejectedRows,
        rejectedValues,
        lateMsMax: drive.lateMsMax,
      },
    })
    samplesBefore = samples
  }

  /** Reads the first seconds, looks for the node they belong to, and connects. */
  async function whenConnected(): Promise<void> {
    const read = ahead.read()
    // An error later ends the run; one before the first sample, the start.
    let broken: Error | undefined
    read.catch((error: Error) => {
      broken = error
      if (isDriving) onOver(error)
    })
    await ahead.filled()
    if (broken !== undefined) throw broken
    if (ahead.next === undefined) throw new RunError(runErrorCodes.recordingEmpty, nothing())
    const untilMs = performance.now() + firstWithinMs
    while (fleet.connected < fleet.size && performance.now() < untilMs) await new Promise(resolve => setTimeout(resolve, 50))
    if (fleet.connected > 0) return warnOutside(ahead.next)
    const why = [...failures.values()][0] ?? 'no answer'
    throw new RunError(
      runErrorCodes.noNode,
      `no vehicle could connect through ${url} within ${firstWithinMs / 1_000} s (${why}); is a node running there?`,
    )
  }

  async function warnOutside({ lat, lon }: TrafficSample): Promise<void> {
    if ((await locateNode(fetch, url, { latitude: lat, longitude: lon })) !== undefined) return
    const where = `${lat.toFixed(5)},${lon.toFixed(5)}`
    process.stderr.write(
      `replay: warning: the node at ${url} knows no footprint at ${where}, where the recording begins; all vehicles go to it nevertheless. outrider replay FILE --bounds --zones zones.json writes a zone table that covers the recording\n`,
    )
  }

  function nothing(): string {
    const { samples, rejectedRows } = reading.report()
    return `${file} has no sample to replay: ${samples} read, ${outsideWindow} before --from, ${unequipped} of vehicles not equipped, ${rejectedRows} rows rejected`
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
          print({ ready: 'replay', fromS: drive.clockS, vehicles: fleet.size, connected: fleet.connected })
        },
      },
    ],
    stop: [
      {
        name: 'reports',
        run: () => {
          clearInterval(ticking)
          drive.stop()
          ahead.stop()
        },
      },
      { name: 'acknowledgements', run: () => fleet.settle(settleMs) },
      { name: 'vehicles', run: fleet.close },
      {
        name: 'result',
        run: () => {
          if (!isDriving) return
          const untilS = seconds(drive.clockS ?? 0)
          const { samples, rejectedRows, rejectedValues, reasons, format, rows } = reading.report()
          const trace = { format, rows, samples, rejectedRows, rejectedValues, reasons, outsideWindow, unequipped }
          const { lateMsMax } = drive
          print({
            result: {
              untilS,
              vehicles: vehicles.size,
              warnings: warnings.warnings,
              alerts: warnings.alerts(),
              trace,
              lateMsMax,
              ...tally.counts,
            },
          })
        },
      },
    ],
  })
}

function seconds(value: number): number {
  return Math.round(value * 100) / 100
}
