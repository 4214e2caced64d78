/*
 * The table of detectors. Each is `(row, report, now) → findings`, most often none, and keeps what it must remember in the track's
 * columns. To add a hazard: a file beside these, one that explains it, and a row here.
 */
import { findBlockage } from './blockage.js'
import { findCrash } from './crash.js'
import type { Detector } from './detector.js'
import { explainEmergencyVehicle, findEmergencyVehicle } from './emergency-vehicle.js'
import { findEndOfQueue } from './end-of-queue.js'
import { explainBlockage } from './explain-blockage.js'
import { explainCrash } from './explain-crash.js'
import { explainEndOfQueue } from './explain-end-of-queue.js'
import { explainHardBraking } from './explain-hard-braking.js'
import { explainOwnReport } from './explain-own-report.js'
import { explainSlowVehicle } from './explain-slow-vehicle.js'
import { explainStationaryVehicle } from './explain-stationary-vehicle.js'
import { explainTrafficCondition } from './explain-traffic-condition.js'
import { explainWrongWay } from './explain-wrong-way.js'
import { findHardBraking } from './hard-braking.js'
import { findOwnReport } from './own-report.js'
import { explainRoughSurface, findRoughSurface } from './rough-surface.js'
import { explainSlipperyRoad, findSlipperyRoad } from './slippery-road.js'
import { findSlowVehicle } from './slow-vehicle.js'
import { findStationaryVehicle } from './stationary-vehicle.js'
import { findTrafficCondition } from './traffic-condition.js'
import { explainWeather, findWeather } from './weather.js'
import { findWrongWay } from './wrong-way.js'

export const detectors: readonly Detector[] = [
  { name: 'hard_braking', late: true, find: findHardBraking, explain: explainHardBraking },
  { name: 'stationary_vehicle', late: false, find: findStationaryVehicle, explain: explainStationaryVehicle },
  { name: 'crash', late: true, find: findCrash, explain: explainCrash },
  { name: 'traffic_condition', late: false, find: findTrafficCondition, explain: explainTrafficCondition },
  { name: 'end_of_queue', late: false, find: findEndOfQueue, explain: explainEndOfQueue },
  { name: 'slow_vehicle', late: false, find: findSlowVehicle, explain: explainSlowVehicle },
  { name: 'wrong_way', late: false, find: findWrongWay, explain: explainWrongWay },
  { name: 'blockage', late: false, find: findBlockage, explain: explainBlockage },
  { name: 'own_report', late: true, find: findOwnReport, explain: explainOwnReport },
  { name: 'emergency_vehicle', late: false, find: findEmergencyVehicle, explain: explainEmergencyVehicle },
  { name: 'slippery_road', late: true, find: findSlipperyRoad, explain: explainSlipperyRoad },
  { name: 'rough_surface', late: true, find: findRoughSurface, explain: explainRoughSurface },
  { name: 'weather', late: true, find: findWeather, explain: explainWeather },
]
