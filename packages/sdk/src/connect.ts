import { outrider, vehicleLengthDmMax } from '@outrider/protocol'
import { openPlatformSocket } from '#platform-socket'
import type { Fetch } from './locate.js'
import { locateOwner } from './locate.js'
import type { Clock, OpenSocket, Timers } from './ports.js'
import type { PresentationSettings } from './presentation-policy.js'
import { createPresentationPolicy, everythingAtOnce, presentationDefaults } from './presentation-policy.js'
import { SdkError } from './sdk-error.js'
import type { Token, TokenReason } from './token-source.js'
import { checkToken } from './token-source.js'
import type { Vehicle } from './vehicle.js'
import { createVehicle } from './vehicle.js'
import type { VehicleEvent } from './vehicle-events.js'

const { VehicleRole } = outrider.v1

/** CAM vehicleRole. Advisory: rights come from the token, not from here. */
export type VehicleRoleName =
  | 'default'
  | 'public_transport'
  | 'special_transport'
  | 'dangerous_goods'
  | 'road_work'
  | 'rescue'
  | 'emergency'
  | 'safety_car'
  | 'agriculture'
  | 'commercial'
  | 'military'
  | 'road_operator'
  | 'taxi'
  | 'uvar'

export interface ConnectOptions {
  /** Node's URL for vehicles, `wss://…` (`ws://…` for development: the token travels in clear). Nodes may send the vehicle on to others. */
  readonly url: string
  /**
   * The vehicle's JWT. As a function it is asked on every connect, before the token in use expires, and when one was refused; it should
   * answer within 15 s. Given as text, the vehicle ends when it expires. It is never part of a URL.
   */
  readonly token: Token
  /** Length with trailer in m, 0.1..102.2. Missing = unknown. */
  readonly vehicleLengthM?: number | undefined
  readonly vehicleRole?: VehicleRoleName | undefined
  /** Alerts that wait for `alerts()` to take them, 1..256; above, the least urgent is dropped. Default 32: nobody could be shown more. */
  readonly alertQueueMax?: number | undefined
  /** Whether alerts of exercises are handed over too. Default false. */
  readonly takesPartInExercises?: boolean | undefined
  /**
   * What the driver is told and when; `false` hands everything over at once. Single settings may be given, the rest is as
   * `presentationDefaults` says.
   */
  readonly presentation?: false | Partial<PresentationSettings> | undefined
  /** Longest wait for the first welcome, in ms. Default 30000. */
  readonly connectTimeoutMs?: number | undefined
  /** Gives up connecting, or closes the vehicle. */
  readonly signal?: AbortSignal | undefined
  /** Told what happens inside. It is called synchronously and must not throw. */
  readonly onEvent?: ((event: VehicleEvent) => void) | undefined
  /** For simulations and tests; default: the platform's. */
  readonly platform?: Partial<ConnectPlatform> | undefined
}

/** What the SDK uses of its platform. */
export interface ConnectPlatform {
  readonly clock: Clock
  readonly timers: Timers
  /** 0 ≤ random < 1. */
  readonly random: () => number
  readonly openSocket: OpenSocket
  readonly fetch: Fetch
}

const connectTimeoutMsDefault = 30_000
const alertQueueMaxDefault = 32

/**
 * Connects a vehicle; resolves with the first welcome. From then on it stays connected by itself: it reconnects with jitter, resumes, and
 * follows where nodes send it, until it is closed or a node ends it for good.
 * @throws SdkError `invalid_option`, `unreachable`, `token_unavailable`, `token_refused`, `token_expired`, `replaced`, `dismissed`, `closed`
 */
export async function connect(options: ConnectOptions): Promise<Vehicle> {
  checkOptions(options)
  const platform: ConnectPlatform = { ...createPlatform(), ...options.platform }
  const { token, signal, presentation } = options
  const lengthM = options.vehicleLengthM
  let tokenError: SdkError | undefined
  let settled: (error: SdkError | undefined) => void = () => {}
  const welcomed = new Promise<SdkError | undefined>(resolve => {
    settled = resolve
  })
  const { vehicle, start, lastFailure } = createVehicle({
    url: options.url,
    clock: platform.clock,
    timers: platform.timers,
    random: platform.random,
    openSocket: platform.openSocket,
    canRenewToken: typeof token === 'function',
    obtainToken: (reason, done) => {
      void obtainToken(token, reason).then(result => {
        tokenError = 'error' in result ? result.error : undefined
        done(result)
      })
    },
    locate: (url, at, done) => void locateOwner(platform.fetch, url, at).then(done),
    vehicleLengthDm: lengthM === undefined ? undefined : Math.round(lengthM * 10),
    role: roleNumber(options.vehicleRole),
    queueMax: options.alertQueueMax ?? alertQueueMaxDefault,
    takesPartInExercises: options.takesPartInExercises ?? false,
    policy: presentation === false ? everythingAtOnce : createPresentationPolicy(completePresentation(presentation ?? {})),
    onEvent: options.onEvent,
    connected: () => settled(undefined),
    over: error => settled(error),
  })
  const timeoutMs = options.connectTimeoutMs ?? connectTimeoutMsDefault
  const cancelTimeout = platform.timers.set(timeoutMs, () =>
    settled(tokenError ?? new SdkError('unreachable', `no node welcomed the vehicle within ${timeoutMs} ms; last: ${lastFailure()}`)),
  )
  signal?.addEventListener(
    'abort',
    () => {
      settled(new SdkError('closed', 'connecting was aborted', { cause: signal.reason }))
      void vehicle.close()
    },
    { once: true },
  )
  start()
  const error = await welcomed
  cancelTimeout()
  if (error === undefined) return vehicle
  await vehicle.close()
  throw error
}

/** @throws SdkError `invalid_option` */
function checkOptions(options: ConnectOptions): void {
  const { url, token, vehicleLengthM, alertQueueMax, connectTimeoutMs, vehicleRole, signal } = options
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if ((parsed?.protocol !== 'ws:' && parsed?.protocol !== 'wss:') || parsed.hash !== '') {
    throw invalid('url', url, 'a URL that begins with wss:// or ws://, without #')
  }
  if (typeof token !== 'function' && typeof token !== 'string') throw invalid('token', typeof token, 'a JWT, or a function that gets one')
  if (typeof token === 'string') checkTokenOption(token)
  if (vehicleLengthM !== undefined) within('vehicleLengthM', vehicleLengthM, 0.1, vehicleLengthDmMax / 10)
  if (alertQueueMax !== undefined) within('alertQueueMax', alertQueueMax, 1, 256)
  if (connectTimeoutMs !== undefined) within('connectTimeoutMs', connectTimeoutMs, 1, 2_147_483_647)
  if (options.presentation) checkPresentation(options.presentation)
  if (vehicleRole !== undefined && roleNumber(vehicleRole) === 0) throw invalid('vehicleRole', vehicleRole, 'a role of CAM vehicleRole')
  if (signal?.aborted) throw new SdkError('closed', 'the signal was aborted before connecting', { cause: signal.reason })
}

/** @throws SdkError `invalid_option` */
function checkPresentation(settings: Partial<PresentationSettings>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(presentationDefaults, name)) {
      throw invalid(`presentation.${name}`, value, `no such setting; there are ${Object.keys(presentationDefaults).join(', ')}`)
    }
    if (value !== undefined) within(`presentation.${name}`, value as number, 0, Number.MAX_SAFE_INTEGER)
  }
}

function completePresentation(settings: Partial<PresentationSettings>): PresentationSettings {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  return { ...presentationDefaults, ...given }
}

function checkTokenOption(token: string): void {
  try {
    checkToken(token)
  } catch (cause) {
    // The token itself stays out of the message.
    throw new SdkError('invalid_option', 'token is not a JWT: base64url text with dots', { field: 'token', cause })
  }
}

function within(field: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw invalid(field, value, `${min}..${max}`)
}

function invalid(field: string, value: unknown, allowed: string): SdkError {
  return new SdkError('invalid_option', `${field} is ${JSON.stringify(value)}; allowed: ${allowed}`, { field })
}

function roleNumber(name: VehicleRoleName | undefined): outrider.v1.VehicleRole {
  const number = VehicleRole[`VEHICLE_ROLE_${(name ?? 'unspecified').toUpperCase()}` as keyof typeof VehicleRole]
  return (number as outrider.v1.VehicleRole | undefined) ?? VehicleRole.VEHICLE_ROLE_UNSPECIFIED
}

async function obtainToken(token: Token, reason: TokenReason): Promise<{ readonly token: string } | { readonly error: SdkError }> {
  try {
    return { token: checkToken(typeof token === 'function' ? await token(reason) : token) }
  } catch (cause) {
    if (cause instanceof SdkError) return { error: cause }
    return { error: new SdkError('token_unavailable', `the token function failed: ${String(cause)}`, { cause }) }
  }
}

/** Clock, timers, random and sockets of Node or the browser; the names are the same on both. */
function createPlatform(): ConnectPlatform {
  return {
    clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
    timers: {
      set: (delayMs, run) => {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
    },
    random: Math.random,
    openSocket: openPlatformSocket,
    fetch: (url, init) => fetch(url, init),
  }
}
