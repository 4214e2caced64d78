/** What counts as one kind of hazard: causes of one family explain the same thing. */
export type CauseFamily = 'accident' | 'stationary' | 'traffic' | 'surface' | 'weather' | 'emergencyManoeuvre'

/** Category of safety-related traffic information, letters of Delegated Regulation (EU) 886/2013, art. 3. */
export type SrtiCategory = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h'

/** What the reference heading of an alert is taken from. */
export type ReferenceHeading = 'sender' | 'queue' | 'traffic' | 'none'

/** Start values for an alert of a cause; configuration may change them. */
export interface CauseDefaults {
  readonly reference: ReferenceHeading
  readonly direction: 'upstream' | 'downstream' | 'opposite' | 'all'
  /** Awareness distance in m, 0 = only those named by the zone (the pair of a collision risk). */
  readonly awarenessM: number
  /** Validity in s, renewed at half of it while evidence lasts; undefined = as its issuer says. */
  readonly validityS: number | undefined
  readonly priority: 'information' | 'warning' | 'imminent'
}

export interface CauseEntry {
  /** Direct cause code, ETSI TS 102 894-2 CauseCodeType. */
  readonly code: number
  readonly family?: CauseFamily
  /** Category of the cause whatever its sub-cause. */
  readonly srti?: SrtiCategory
  /** Categories that only some sub-causes have. */
  readonly srtiBySubCause?: Readonly<Record<number, SrtiCategory>>
  /** Undefined = the zone issues no such alert itself; its issuer gives all values. */
  readonly defaults?: CauseDefaults
}

const fromSender = { reference: 'sender', direction: 'upstream', awarenessM: 1_000, validityS: 60, priority: 'warning' } as const
const crash = { reference: 'sender', direction: 'all', awarenessM: 1_000, validityS: 300, priority: 'warning' } as const
const ofTraffic = { reference: 'traffic', direction: 'upstream', awarenessM: 5_000, validityS: 60, priority: 'information' } as const
const ofRoad = { reference: 'none', direction: 'all', awarenessM: 1_000, validityS: 300, priority: 'warning' } as const
const works = { reference: 'none', direction: 'all', awarenessM: 1_000, validityS: undefined, priority: 'information' } as const
const braking = { reference: 'sender', direction: 'upstream', awarenessM: 500, validityS: 5, priority: 'imminent' } as const
const collision = { reference: 'none', direction: 'all', awarenessM: 0, validityS: 3, priority: 'imminent' } as const
const tail = { reference: 'queue', direction: 'upstream', awarenessM: 1_000, validityS: 20, priority: 'warning' } as const
const wrongWay = { reference: 'sender', direction: 'opposite', awarenessM: 5_000, validityS: 30, priority: 'imminent' } as const
const emergency = { reference: 'sender', direction: 'downstream', awarenessM: 500, validityS: 10, priority: 'warning' } as const

/** All causes by the standard's name (TS 102 894-2 V2.4.1, lower camel case). */
export const causes = {
  trafficCondition: { code: 1, family: 'traffic', defaults: ofTraffic },
  accident: { code: 2, family: 'accident', srtiBySubCause: { 7: 'c' }, defaults: crash },
  roadworks: { code: 3, srti: 'd', defaults: works },
  detectedRoadworks: { code: 4, srti: 'd' },
  impassability: { code: 5, srti: 'g', defaults: ofRoad },
  adhesion: { code: 6, family: 'surface', srti: 'a', defaults: ofRoad },
  aquaplaning: { code: 7, family: 'surface', srti: 'a', defaults: ofRoad },
  hazardousLocationSurfaceCondition: { code: 9, family: 'surface', srtiBySubCause: { 1: 'b' }, defaults: ofRoad },
  hazardousLocationObstacleOnTheRoad: { code: 10, srti: 'b', defaults: fromSender },
  hazardousLocationAnimalOnTheRoad: { code: 11, srti: 'b', defaults: fromSender },
  humanPresenceOnTheRoad: { code: 12, srti: 'b', defaults: fromSender },
  wrongWayDriving: { code: 14, srti: 'f', defaults: wrongWay },
  rescueRecoveryAndMaintenanceWorkInProgress: { code: 15, srti: 'd', defaults: works },
  adverseWeatherExtremeWeather: { code: 17, family: 'weather', srti: 'h', defaults: ofRoad },
  adverseWeatherVisibility: { code: 18, family: 'weather', srti: 'e', defaults: ofRoad },
  adverseWeatherPrecipitation: { code: 19, family: 'weather', srti: 'h', defaults: ofRoad },
  violence: { code: 20 },
  slowVehicle: { code: 26, srtiBySubCause: { 1: 'd' }, defaults: ofTraffic },
  dangerousEndOfQueue: { code: 27, family: 'traffic', defaults: tail },
  publicTransportVehicleApproaching: { code: 28 },
  vehicleBreakdown: { code: 91, family: 'stationary', defaults: fromSender },
  postCrash: { code: 92, family: 'accident', srti: 'c', defaults: crash },
  /** Health: published as 91 or 94, never as itself. */
  humanProblem: { code: 93 },
  stationaryVehicle: { code: 94, family: 'stationary', srti: 'g', defaults: fromSender },
  emergencyVehicleApproaching: { code: 95, defaults: emergency },
  hazardousLocationDangerousCurve: { code: 96 },
  collisionRisk: { code: 97, family: 'emergencyManoeuvre', defaults: collision },
  signalViolation: { code: 98 },
  dangerousSituation: { code: 99, family: 'emergencyManoeuvre', defaults: braking },
  railwayLevelCrossing: { code: 100 },
} as const satisfies Record<string, CauseEntry>

export type CauseName = keyof typeof causes

const byCode: ReadonlyMap<number, CauseEntry> = new Map(Object.values(causes).map(entry => [entry.code, entry]))

/** The entry of a direct cause code; undefined for codes the standard reserves. */
export function findCause(code: number): CauseEntry | undefined {
  return byCode.get(code)
}

/**
 * The SRTI category of a cause and sub-cause; undefined if it is not safety-related traffic information.
 * 94 and 10 count as unmanaged blockage or obstacle only where the place is not secured; that is for the publisher to know.
 */
export function srtiCategory(code: number, subCause: number): SrtiCategory | undefined {
  const entry = byCode.get(code)
  return entry?.srtiBySubCause?.[subCause] ?? entry?.srti
}
