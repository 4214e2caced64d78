/*
 * The table of detectors. Each is `(row, report, now) → findings`, most often none, and keeps what it must remember in the track's
 * columns. To add a hazard: a file beside these, and a row here.
 */
import { findCrash } from './crash.js'
import type { Detector } from './detector.js'
import { findHardBraking } from './hard-braking.js'
import { findOwnReport } from './own-report.js'
import { findStationaryVehicle } from './stationary-vehicle.js'

export const detectors: readonly Detector[] = [
  { name: 'hard_braking', late: true, find: findHardBraking },
  { name: 'stationary_vehicle', late: false, find: findStationaryVehicle },
  { name: 'crash', late: true, find: findCrash },
  { name: 'own_report', late: true, find: findOwnReport },
]
