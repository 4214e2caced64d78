// `outrider up`, read from top to bottom: make what is needed, start the tiers, let the city drive, show how it goes, and stop in order.
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError, exitCodes } from '../cli-error.js'
import { readCentralStats, readCentralStatsSince } from './central-stats.js'
import { type Child, type ChildEnd, type ChildSpec, startChild } from './child.js'
import { writeCityZones } from './city-zones.js'
import { drain } from './drain.js'
import { defaultPorts, type Ports, saysPortTaken } from './free-ports.js'
import { boundLog } from './log-tail.js'
import { describeLosses, readLosses } from './losses.js'
import { createGauges, noReadings, type Readings } from './readings.js'
import { refusedText } from './refused-reports.js'
import { resultOf, type SimulatorResult, type SimulatorStatus, statusOf } from './simulator-lines.js'
import type { StatusScreen } from './status-screen.js'
import type { StatusPlace } from './status-text.js'
import { stopChildren } from './stop-children.js'
import { type CityRun, edgeNames, regionName, simulatorSpec, type TierOptions, tierSpecs, vehicleUrl } from './tiers.js'
import { openUpFolder, type UpFolder } from './up-folder.js'
import { openUpKeys, operator } from './up-keys.js'
import { resultOfRun, shortfalls, type UpResult } from './up-result.js'
import type { UpSignals } from './up-signals.js'

export interface UpOptions {
  readonly folder: string
  readonly fresh: boolean
  /** Undefined: until stopped. */
  readonly forMs: number | undefined
  /** Undefined: no simulator. */
  readonly city: CityRun | undefined
  readonly screen: StatusScreen
  readonly signals: UpSignals
  /** For the first attempt to start, the second … */
  readonly choosePorts: (attempt: number) => Promise<Ports>
  readonly environment: Readonly<Record<string, string | undefined>>
}

const statusEveryMs = 1_000
/** Node, the modules and an embedded store: some seconds each on a busy machine. */
const readyWithinMs = 120_000
/** Another process may take a port that was free when it was chosen; three times in a row is no accident. */
const portAttemptsMax = 3
/** A run that somebody ended, or that ended because a process did. */
type Over = { readonly kind: 'signal' } | { readonly kind: 'died'; readonly end: ChildEnd }

/** Resolves when all is stopped: to what a bounded run proved, or undefined. @throws CliError */
export async function runUp(options: UpOptions): Promise<UpResult | undefined> {
  const folder = await openUpFolder(options.folder, options.fresh)
  try {
    return await runIn(folder, options)
  } finally {
    await folder.release()
  }
}

async function runIn(
  folder: UpFolder,
  { forMs, city, screen, signals, choosePorts, environment }: UpOptions,
): Promise<UpResult | undefined> {
  const keys = await openUpKeys(folder.in('keys'), edgeNames, regionName)
  let tiers = await placeTiers(1)

  const children: Child[] = []
  let simulatorStatus: SimulatorStatus | undefined
  let simulatorResult: SimulatorResult | undefined
  let phase = 'starting'
  let isStopping = false
  let over: Over | undefined
  let endRun: (why: Over) => void = () => {}
  const whenOver = new Promise<Over>(resolve => {
    endRun = why => {
      over ??= why
      resolve(over)
    }
  })
  signals.onStop(() => endRun({ kind: 'signal' }))
  signals.onKill(() => {
    for (const child of children) child.kill()
  })

  function start(spec: ChildSpec): Child {
    const child = startChild(spec, folder.in('logs', `${spec.name}.log`), line => {
      simulatorStatus = statusOf(line) ?? simulatorStatus
      simulatorResult = resultOf(line) ?? simulatorResult
    })
    children.push(child)
    return child
  }

  async function placeTiers(attempt: number): Promise<TierOptions> {
    const ports = await choosePorts(attempt)
    sayPorts(ports, screen)
    const [west, east] = edgeNames.map(name => ({
      name,
      vehicleUrl: vehicleUrl(ports, name),
      peerAddress: `127.0.0.1:${ports[`${name}Peer`]}`,
    }))
    await writeCityZones(folder.in('zones.json'), west!, east!, regionName)
    return { folder, keys, ports, inherited: environment }
  }

  /** All of them serve, on ports that nobody else took meanwhile. False: the run is over. */
  async function startTiers(): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const serving = tierSpecs(tiers).map(start)
      const end = await whenServing(serving)
      if (end === undefined) return over === undefined
      const lines = serving.find(({ name }) => name === end.name)!.lastLines()
      if (attempt === portAttemptsMax || !saysPortTaken(lines)) {
        endRun({ kind: 'died', end })
        return false
      }
      screen.say(`outrider: a port of ${end.name} was taken before it could have it; all starts again on others`)
      await stopChildren(children)
      children.length = 0
      if (over !== undefined) return false
      tiers = await placeTiers(attempt + 1)
      gauges = createGauges(tiers.ports, () => performance.now())
    }
  }

  /** Resolves to false if the run is over first. */
  async function goesOn(until: Promise<unknown>): Promise<boolean> {
    await Promise.race([until, whenOver])
    return over === undefined
  }

  /** Resolves to who ended before it served; to undefined once all do, each watched from then on, or once the run is over. */
  async function whenServing(started: readonly Child[]): Promise<ChildEnd | undefined> {
    const late = new AbortController()
    const deadline = sleep(readyWithinMs, 'late', { signal: late.signal }).catch(() => undefined) // aborted: they are ready
    const first = await Promise.race([firstEnd(started), deadline, whenOver])
    late.abort()
    if (first === 'late')
      throw new CliError(exitCodes.failed, `not everything served within ${readyWithinMs / 1_000} s; see ${folder.path}/logs`)
    if (over !== undefined) return undefined
    if (typeof first === 'object' && 'name' in first) return first
    for (const child of started) void child.ended.then(end => isStopping || endRun({ kind: 'died', end }))
    return undefined
  }

  const beganAtMs = performance.now()
  let gauges = createGauges(tiers.ports, () => performance.now())
  const showing = new AbortController()
  const whenShown = new Promise<undefined>(resolve => showing.signal.addEventListener('abort', () => resolve(undefined)))
  let readings: Readings = noReadings
  const show = () => screen.show({ upMs: performance.now() - beganAtMs, forMs, phase }, readings, placesOf(folder, tiers.ports))
  /** Begins with the tiers; a look that takes longer than its second makes the next one later. */
  async function showStatus(): Promise<void> {
    while (!showing.signal.aborted) {
      const found = await Promise.race([gauges.read(simulatorStatus), whenShown])
      if (showing.signal.aborted) return
      // What is stopping answers no more; what it said last is what there was.
      if (found !== undefined && phase !== 'stopping') readings = found
      show()
      for (const { logFile } of children) boundLog(logFile)
      await sleep(statusEveryMs, undefined, { signal: showing.signal }).catch(() => undefined) // aborted: the loop ends
    }
  }

  async function run(): Promise<UpResult | undefined> {
    if (!(await startTiers())) return undefined
    const { ports } = tiers
    await folder.announce({
      pid: process.pid,
      region: `127.0.0.1:${ports.region}`,
      central: `http://127.0.0.1:${ports.central}`,
      centralAdmin: `http://127.0.0.1:${ports.centralAdmin}`,
      edges: edgeNames.map(name => vehicleUrl(ports, name)),
      keys: keys.folder,
      ca: keys.ca,
      operatorCertificate: keys.certificate('operator', operator).certificate,
      operatorKey: keys.certificate('operator', operator).key,
    })
    // What an earlier run left on its way must not be counted as this one's.
    const before = forMs === undefined ? undefined : await drain(ports, () => over !== undefined)
    if (before !== undefined && !before.ok && over === undefined)
      throw new CliError(exitCodes.failed, `what an earlier run left does not reach central: ${before.waiting}`)
    if (over !== undefined) return undefined
    const lostBefore = before?.stats && (await readLosses(ports.centralAdmin, before.stats))
    const sinceMs = Date.now()
    phase = 'vehicles connect'
    const simulator = city && start(simulatorSpec(tiers, city))
    const simulatorEnd = simulator && (await whenServing([simulator]))
    if (simulatorEnd !== undefined) endRun({ kind: 'died', end: simulatorEnd })
    if (over !== undefined) return undefined
    phase = 'running'
    if (!(await goesOn(forMs === undefined ? whenOver : sleep(forMs, undefined, { ref: true })))) return undefined
    if (simulator === undefined || before?.stats === undefined) return undefined
    phase = 'draining'
    isStopping = true
    await simulator.stop(10_000)
    isStopping = false
    const drained = await drain(ports, () => over !== undefined)
    const after = drained.stats ?? (await readCentralStats(ports.central))
    const ofRun = await readCentralStatsSince(ports.central, sinceMs)
    if (over !== undefined) return undefined
    if (simulatorResult === undefined || after === undefined || ofRun === undefined)
      throw new CliError(
        exitCodes.failed,
        `the run has no result: ${simulatorResult === undefined ? 'the simulator' : 'central'} gave none; see ${folder.path}/logs`,
      )
    const result = resultOfRun(simulatorResult, { before: before.stats, after, ofRun })
    const refused = refusedText(simulatorResult.reportsRefused, Number.POSITIVE_INFINITY)
    if (refused !== undefined) screen.say(`outrider: reports refused by zones, which their vehicles were told: ${refused}`)
    missing.push(...shortfalls(result, drained), ...describeLosses(lostBefore, await readLosses(ports.centralAdmin, after)))
    return result
  }

  const missing: string[] = []
  const shown = showStatus()
  let result: UpResult | undefined
  try {
    result = await run()
  } finally {
    phase = 'stopping'
    isStopping = true
    const troubles = await stopChildren(children)
    showing.abort()
    await shown
    phase = 'stopped'
    show()
    screen.end()
    for (const trouble of troubles) screen.say(`outrider: ${trouble}`)
  }
  if (over !== undefined) endedEarly(over, children, forMs !== undefined)
  if (missing.length > 0) throw new UpShortfall(result!, missing)
  return result
}

/** The first that ends before it serves; undefined once all serve. */
async function firstEnd(started: readonly Child[]): Promise<ChildEnd | undefined> {
  const ends = started.map(async ({ ready, ended }) => ((await ready) === undefined ? await ended : undefined))
  return new Promise(resolve => {
    for (const each of ends) void each.then(end => end && resolve(end))
    void Promise.all(ends).then(() => resolve(undefined))
  })
}

/** A bounded run that came to its end and did not prove what it is for. */
export class UpShortfall extends CliError {
  readonly result: UpResult

  constructor(result: UpResult, missing: readonly string[]) {
    super(exitCodes.failed, missing.join('\n'))
    this.result = result
  }
}

/** @throws CliError unless it is an unbounded run that was stopped */
function endedEarly(over: Over, children: readonly Child[], isBounded: boolean): void {
  if (over.kind === 'signal') {
    if (isBounded) throw new CliError(exitCodes.failed, 'stopped before its time was over; there is no result')
    return
  }
  const { name, code, signal } = over.end
  const child = children.find(each => each.name === name)!
  const how =
    signal === null ? (code === null ? 'could not be started' : `ended by itself with exit code ${code}`) : `was ended by ${signal}`
  const lines = child.lastLines()
  if (lines.length === 0) lines.push('(it is empty)')
  throw new CliError(exitCodes.failed, [`${name} ${how}, so all was stopped. The end of ${child.logFile}:`, ...lines].join('\n'))
}

function sayPorts(ports: Ports, screen: StatusScreen): void {
  for (const [name, port] of Object.entries(ports) as [keyof Ports, number][]) {
    if (port !== defaultPorts[name])
      screen.say(
        `outrider: ${name.replace('Admin', '’s admin port').replace('Peer', '’s port for its neighbour')} is at ${port}, as ${defaultPorts[name]} was taken`,
      )
  }
}

function placesOf(folder: UpFolder, ports: Ports): StatusPlace[] {
  return [
    ...edgeNames.map(name => [name, `${vehicleUrl(ports, name)}  http://127.0.0.1:${ports[`${name}Admin`]}/metrics`] as const),
    ['region', `127.0.0.1:${ports.region} (gRPC)  http://127.0.0.1:${ports.regionAdmin}/metrics`],
    ['central', `http://127.0.0.1:${ports.central}/v1/alerts`],
    ['logs, keys', folder.path],
    ['next', 'npx outrider alert watch, in another terminal; Ctrl-C stops'],
  ]
}
