/**
 * The columns of a trace: name, range and the numbers that standards use for "unavailable", raw and scaled to our unit.
 * Sources of those: DENM and CAM (ETSI TS 102 894-2), J2735 BSM, NTCIP 1204 for the weather values.
 * 360° is no such number here: recordings round 359.9° to it far more often than they leak J2735's 28800 × 0.0125°.
 */
export interface NumberColumn {
  readonly column: string
  readonly min: number
  readonly max: number
  readonly whole?: boolean
  readonly unavailable?: readonly number[]
}

export const numberColumns = {
  timeS: { column: 't_s', min: -1e12, max: 1e12 },
  lat: { column: 'lat', min: -90, max: 90, unavailable: [90.000_000_1, 900_000_001] },
  lon: { column: 'lon', min: -180, max: 180, unavailable: [180.000_000_1, 1_800_000_001] },
  // The flat earth of local metres ends where its error would show.
  xM: { column: 'x_m', min: -200_000, max: 200_000 },
  yM: { column: 'y_m', min: -200_000, max: 200_000 },
  headingDeg: { column: 'heading_deg', min: 0, max: 360, unavailable: [360.1, 3601, 28_800] },
  speedMps: { column: 'speed_mps', min: 0, max: 163.81, unavailable: [163.82, 8191, 163.83, 16_383] },
  // A crash reaches several tens of m/s²; the two "unavailable" numbers are forward, where no road vehicle gets to.
  accelMps2: { column: 'accel_mps2', min: -150, max: 150, unavailable: [16.1, 161, 20.01, 2001] },
  latAccelMps2: { column: 'lat_accel_mps2', min: -150, max: 150, unavailable: [16.1, 161, 20.01, 2001] },
  yawRateDegps: { column: 'yaw_rate_degps', min: -327.66, max: 327.66, unavailable: [327.67, 32_767] },
  vertAccelRmsMps2: { column: 'vert_accel_rms_mps2', min: 0, max: 100, unavailable: [-127] },
  altM: { column: 'alt_m', min: -500, max: 8000, unavailable: [-409.6, -4096, 8000.01, 800_001] },
  hAccM: { column: 'h_acc_m', min: 0, max: 1000, unavailable: [12.75, 255, 40.95, 4095] },
  lengthM: { column: 'length_m', min: 0.1, max: 200, unavailable: [0, 102.3, 1023] },
  friction: { column: 'friction', min: 0, max: 1, unavailable: [1.01, 101] },
  airTempC: { column: 'air_temp_c', min: -90, max: 70, unavailable: [100.1, 1001, 151, 191] },
  wiper: { column: 'wiper', min: 0, max: 3, whole: true },
  rain: { column: 'rain', min: 0, max: 1 },
  visibilityM: { column: 'visibility_m', min: 0, max: 100_000, unavailable: [100_000.1, 1_000_001] },
  reportCause: { column: 'report_cause', min: 0, max: 255, whole: true },
  reportSubCause: { column: 'report_sub_cause', min: 0, max: 255, whole: true },
  reportAheadM: { column: 'report_ahead_m', min: 0, max: 1000 },
} as const satisfies Record<string, NumberColumn>

export type NumberKey = keyof typeof numberColumns

export const textColumns = {
  vehicleId: 'vehicle_id',
  enrolment: 'enrolment',
  role: 'role',
  roadSurface: 'road_surface',
  flags: 'flags',
} as const

type TextKey = keyof typeof textColumns
export type ColumnKey = NumberKey | TextKey

/** Column name in a file → what it is. */
export const keysByColumn: ReadonlyMap<string, ColumnKey> = new Map([
  ...Object.entries(numberColumns).map(([key, { column }]): [string, ColumnKey] => [column, key as NumberKey]),
  ...Object.entries(textColumns).map(([key, column]): [string, ColumnKey] => [column, key as TextKey]),
])
