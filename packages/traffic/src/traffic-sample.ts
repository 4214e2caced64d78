/**
 * Flags of a vehicle as bits of a mask. Names are those of traces and of the wire; the order is the wire's (flag number less one),
 * so that a mask can be handed on as it is.
 */
export const flagBits = {
  hazard_lights: 1 << 0,
  hard_brake: 1 << 1,
  abs: 1 << 2,
  esc: 1 << 3,
  tcs: 1 << 4,
  aeb: 1 << 5,
  fcw: 1 << 6,
  airbag: 1 << 7,
  ecall_auto: 1 << 8,
  ecall_manual: 1 << 9,
  breakdown: 1 << 10,
  fog_front: 1 << 11,
  fog_rear: 1 << 12,
  light_bar: 1 << 13,
  siren: 1 << 14,
  reverse: 1 << 15,
  doors_open: 1 << 16,
  parking_brake: 1 << 17,
  ignition_off: 1 << 18,
} as const

export type TrafficFlag = keyof typeof flagBits

/** CAM vehicleRole (ETSI TS 102 894-2), by the names the wire uses; a name's place is its number in the standard. */
export const vehicleRoles = [
  'default',
  'public_transport',
  'special_transport',
  'dangerous_goods',
  'road_work',
  'rescue',
  'emergency',
  'safety_car',
  'agriculture',
  'commercial',
  'military',
  'road_operator',
  'taxi',
  'uvar',
] as const

export type VehicleRole = (typeof vehicleRoles)[number]

/** VSS Vehicle.Exterior.RoadSurfaceCondition. Its UNKNOWN is a missing value here. */
export const roadSurfaces = ['DRY', 'WET', 'SNOW', 'ICE', 'SLUSH', 'WET_ICE', 'LOOSE_GRAVEL'] as const

export type RoadSurface = (typeof roadSurfaces)[number]

/** What a driver or a camera saw ahead. */
export interface HazardReport {
  /** ETSI cause code, 0..255. */
  readonly cause: number
  /** ETSI sub-cause, 0..255; 0 is the standard's "unavailable". */
  readonly subCause: number
  /** Distance ahead of the vehicle, 0..1000 m. */
  readonly aheadM?: number | undefined
}

/** One vehicle at one moment. What is `undefined` is missing: not stated, not measured or not usable, and never zero. */
export interface TrafficSample {
  /** Seconds in the trace's own base. */
  readonly timeS: number
  /** Opaque, 1..128 characters. */
  readonly vehicleId: string
  /** WGS84 latitude, -90..90 degrees. */
  readonly lat: number
  /** WGS84 longitude, -180..180 degrees. */
  readonly lon: number
  /** Clockwise from north, 0 ≤ heading < 360. */
  readonly headingDeg?: number | undefined
  /** 0..163.81, the range of DENM and CAM. */
  readonly speedMps?: number | undefined
  /** Forward +. */
  readonly accelMps2?: number | undefined
  /** Left +. */
  readonly latAccelMps2?: number | undefined
  /** Clockwise +. */
  readonly yawRateDegps?: number | undefined
  /** Roughness: root mean square of the vertical acceleration without gravity. */
  readonly vertAccelRmsMps2?: number | undefined
  readonly altM?: number | undefined
  /** Radius around lat and lon that holds the vehicle in 95 % of cases. */
  readonly hAccM?: number | undefined
  readonly lengthM?: number | undefined
  readonly role?: VehicleRole | undefined
  /** Who the vehicle is enrolled as; the same as `vehicleId` unless the trace says otherwise. */
  readonly enrolment: string
  /** Mask of `flagBits`; 0 = the vehicle says that none is set. */
  readonly flags?: number | undefined
  /** Coefficient of friction, 0..1. */
  readonly friction?: number | undefined
  readonly airTempC?: number | undefined
  /** 0 off, 1 interval, 2 slow, 3 fast. */
  readonly wiper?: number | undefined
  /** Intensity, 0..1. */
  readonly rain?: number | undefined
  readonly visibilityM?: number | undefined
  readonly roadSurface?: RoadSurface | undefined
  readonly report?: HazardReport | undefined
}
