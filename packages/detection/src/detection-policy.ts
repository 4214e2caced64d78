import { DetectionError, detectionErrorCodes } from './detection-error.js'

/** Every threshold of plausibility, detectors and corroboration: start value, allowed range, why. Units stand last in the names. */
const settings = {
  /** Roads end well below: 100 m/s = 360 km/h. */
  speedMpsMax: [100, 10, 200],
  /** A receiver that leaves a tunnel or a street canyon jumps by up to 50 m without anyone lying. */
  jumpM: [50, 0, 1_000],
  /** What displacement and reported speed may differ by, beyond both accuracies, over the remembered samples. */
  speedMismatchM: [12, 1, 1_000],
  /** Tyres give 10 m/s2, emergency brakes 12; more is only believed with an airbag or an eCall. */
  accelMps2Max: [15, 5, 100],
  /** Engines and grip let a car gain at most so much over seconds: 0 to 100 km/h in 5.5 s. */
  engineMps2Max: [5, 1, 20],
  /** The same place for so long while it says it drove so far: a receiver of 1 Hz repeats itself for a second. */
  frozenMs: [1_500, 500, 60_000],
  frozenM: [6, 1, 1_000],
  frozenMpsMin: [2, 0.5, 20],
  /** Clocks of vehicles differ after correction by less; a report from further in the future says a wrong time. */
  futureMs: [2_000, 100, 60_000],
  /** An SDK sends an urgent report again for at most 60 s; 5 s for its way. */
  staleMs: [65_000, 1_000, 600_000],
  /** So many samples in a row that fit each other, but not the track, are a new track: the vehicle was lost and found. */
  restartSamples: [3, 2, 10],
  /** Distrust of a sender (0.5 to 1.5 per implausible sample, 3 % forgotten per plausible one) from which it is no evidence. */
  distrustMax: [2.5, 0.5, 100],
  /** Accuracy assumed of a position that states none: an ordinary receiver in the open (95 %). */
  accuracyM: [5, 0.1, 100],

  /** Standing is below this; receivers show up to 0.3 m/s at rest. */
  standingMpsMax: [0.5, 0.1, 3],
  /** Moving by is above this (11 km/h): slower traffic is a queue, not a lane that runs. */
  passingMpsMin: [3, 0.5, 20],
  /** A vehicle that stood has moved on when it is so far from where it stood. */
  movedOnM: [30, 5, 500],
  /** Hazard lights or a breakdown flag count after so long standing (issue 4). */
  standingFlaggedMs: [5_000, 0, 600_000],
  /** Without a flag, standing is remarkable from here: longer than red phases are (120 s). */
  standingSilentMs: [120_000, 5_000, 3_600_000],
  /** Where vehicles never stand, this is remarkable. */
  standingUnusualMs: [15_000, 5_000, 600_000],
  /** Between two lanes that run nobody stops by choice; 10 s for a driver who has stalled the engine to start it again. */
  standingBetweenMs: [10_000, 1_000, 600_000],
  /** Each of the two lanes has run for so long, longer than a driver needs to see that it is green. */
  runsForMs: [5_000, 0, 60_000],
  /** A passer so far beyond and at least so fast went on; who stops at the same light does so within a lorry's length and a gap. */
  wentOnM: [30, 5, 200],
  wentOnMpsMin: [5, 0.5, 20],
  /** Different vehicles that must have moved by within `passersWithinMs`. One may be a motorcycle between the lanes. */
  passersMin: [3, 1, 4],
  passersWithinMs: [60_000, 1_000, 600_000],
  /** A passer is within a lane's width to the side: 3.5 m, and 1 m for both positions. */
  passerLateralM: [4.5, 1, 20],
  /** Vehicles are 1.8 m wide: centre lines closer than this are no passing. If more than such a share of passers do it, the lane is free. */
  throughM: [1.25, 0, 10],
  throughShareMax: [0.3, 0, 1],
  /** Same course. */
  courseDeg: [30, 5, 90],
  /** Someone standing in the same lane so close ahead makes it a queue: a lorry's length and a gap. */
  queueAheadM: [25, 5, 100],
  /** Half a lane: what is further to the side stands in another one. */
  queueLateralM: [1.75, 0.5, 10],

  /** Others who stand so far ahead and to the side, three lanes, wait for what it may be waiting for too. */
  waitingAheadM: [60, 5, 500],
  waitingLateralM: [10.5, 1, 50],

  /** Cells and directions that are remembered at once: 20 m each, so 131,072 are 1,300 km of road in both directions; 112 bytes each. */
  usualCellsMax: [131_072, 64, 1_048_576],
  /** Roads change within weeks; traffic of one weekday has to outlast the week. */
  usualHalfLifeDays: [14, 0.01, 365],
  /** Vehicles that must have driven through a cell before anything counts as usual there. */
  usualVisitsMin: [30, 1, 10_000],

  /** Creeping and slow traffic (issue 6; codes.md). */
  creepingMpsMax: [1.4, 0.5, 5],
  slowMpsMax: [5, 1, 15],
  /** A jam has so many of one direction within so far, creeping for so long: red phases end before. */
  jamVehiclesMin: [4, 2, 20],
  jamM: [100, 20, 500],
  jamMs: [120_000, 10_000, 3_600_000],
  /** Traffic that arrives at the end of a queue so fast, seen so far behind, makes it dangerous (codes.md). */
  arrivingMpsMin: [15, 5, 50],
  arrivingM: [250, 50, 1_000],
  /** Roads with a free flow above this (65 km/h), on which nobody usually stands, have no lights: a queue there is dangerous at once. */
  fastMpsMin: [18, 10, 50],
  /** Slow for so long it is no passing dip. */
  queueMs: [3_000, 0, 60_000],
  /** Three lanes to the side still are the same traffic. */
  trafficLateralM: [10.5, 2, 50],

  /** Vehicles that must have driven there the other way, and the share of them that may have driven this way, for a direction to be wrong. */
  wrongWayVisitsMin: [100, 10, 100_000],
  wrongWayShareMax: [0.05, 0, 0.5],
  /** Cells of 20 m in a row (codes.md), and the least speed: slower vehicles manoeuvre. */
  wrongWayCells: [3, 1, 20],
  wrongWayMpsMin: [5, 1, 50],
  /** Others of this course so near to the side show that there is a lane of this direction. */
  wrongWayLateralM: [4.5, 1, 20],

  /** A road on which nothing gets by its first vehicle for so long, and twice as long as is usual there, is blocked. */
  blockedMs: [180_000, 10_000, 3_600_000],
  /** So many are held behind the first, for so long. */
  blockedBehindMin: [2, 1, 20],
  blockedBehindMs: [60_000, 1_000, 3_600_000],
  /** A position that may be wrong by more than two lanes says nothing about sides of a road. */
  wrongWayAccuracyMMax: [7, 1, 100],
  /** A slow vehicle: below this share of a free flow of at least that, for so long and so far, with nothing so near ahead. */
  dawdlingShareMax: [0.5, 0.1, 0.9],
  dawdlingFlowMpsMin: [11.1, 5, 50],
  dawdlingMs: [20_000, 1_000, 600_000],
  dawdlingM: [150, 10, 5_000],
  dawdlingClearM: [100, 10, 500],
  /** Others drive past it at so much of the free flow. */
  dawdlingPassShareMin: [0.7, 0.1, 1],

  /** Emergency braking (UN R13-H): 6 m/s2, begun at 8 m/s, confirmed by 3 m/s lost within a second. */
  brakingMps2: [6, 1, 20],
  brakingFromMps: [8, 0, 100],
  brakingLostMps: [3, 0.5, 50],
  brakingWindowMs: [1_000, 100, 5_000],
  /** Samples come at 1 Hz give or take: so much more than the window still is "within 1 s". */
  brakingSlackMs: [50, 0, 500],
  /** Speed differences over less than this are mostly noise: labelled braking is a mean over 0.3 s. */
  brakingSpanMs: [300, 50, 1_000],
  /** UN R152's emergency brakes act from 10 km/h; below it is parking. */
  aebFromMps: [2.8, 0, 50],

  /** Friction at or below it is packed snow or ice (0.1 to 0.3; wet asphalt 0.5, dry 0.8), whatever else is said. */
  slipperyFriction: [0.3, 0.05, 0.8],
  /** ABS, ESC or traction control act on a road that lets go: believed at or below this friction, wet asphalt's. */
  slippingFriction: [0.5, 0.05, 1],
  /** Or, of unknown friction, in air so cold that roads may freeze: thermometers of cars warn from 3 degrees. */
  freezingC: [3, -20, 10],
  /** A vehicle so slow measures no friction. */
  slippingMpsMin: [2, 0, 20],
  /** Tyres float on water from about 80 km/h, worn ones from 60. */
  aquaplaningMpsMin: [16.7, 5, 50],
  /** RMS of the vertical acceleration over a sample: roads stay below 1.5, cobbles below 3. */
  roughMps2: [5, 1, 50],
  roughMpsMin: [3, 0, 30],
  /** Shorter than the way to stop from 100 km/h on a wet road. */
  visibilityMMax: [150, 10, 2_000],
  /** Rear fog lights are for less than 50 m, and with rain or snow that is no weather to drive in. */
  visibilityExtremeMMax: [50, 5, 500],
  /** Rain sensors' upper two fifths: wipers on full. */
  heavyRain: [0.6, 0.1, 1],
  /** Lamps and wipers are forgotten, or on for the mud of a lorry: so many independent vehicles of a cell, so large a share of them, say something. */
  habitSourcesMin: [4, 2, 8],
  habitShareMin: [0.75, 0.1, 1],

  /** Evidence of one family joins within this distance along the road, and both uncertainties. */
  joinM: [100, 10, 5_000],
  /** Weather is wider than a street: one alert for so much of it. */
  joinWeatherM: [1_000, 10, 20_000],
  /** Both uncertainties count up to here: a position may state an accuracy of 1 km, and two of those second nothing. */
  joinBlurMMax: [150, 0, 2_000],
  /** Evidence with a course joins a hazard of nearly the same course. */
  joinDeg: [45, 5, 180],
  /** The least extent of a detected hazard (evaluation.md). */
  radiusMMin: [20, 1, 1_000],
  /** A hazard that moved so far is worth a new revision. */
  revisionMoveM: [50, 5, 5_000],
  /** Of one that moves, whose area travels on: off by `revisionMoveM` from where it was reckoned, turned, or so far from the alert's position. */
  revisionTurnDeg: [20, 1, 180],
  revisionWayM: [150, 5, 5_000],
  /** An emergency vehicle approaches from here; slower it is at its scene, or waits. */
  emergencyMpsMin: [3, 0.5, 30],
  /** Its area reaches so many seconds of its way ahead, at least and at most so far, and so wide: streets that cross. */
  emergencyAheadS: [20, 1, 120],
  emergencyAheadMMin: [150, 10, 5_000],
  emergencyAheadMMax: [500, 10, 10_000],
  emergencyWidthM: [150, 10, 2_000],
  /** Independent drivers who say gone or wrong end a hazard; one never does. */
  againstMin: [2, 2, 10],
} as const satisfies Record<string, readonly [start: number, min: number, max: number]>

export type DetectionPolicy = { readonly [Name in keyof typeof settings]: number }

/**
 * A complete, frozen policy from a partial one.
 * @throws DetectionError `policy_invalid`, naming the value and what is allowed
 */
export function createDetectionPolicy(given: Partial<DetectionPolicy> = {}): DetectionPolicy {
  const policy: Record<string, number> = {}
  for (const name of Object.keys(given)) {
    if (!(name in settings)) throw new DetectionError(detectionErrorCodes.policyInvalid, `${name} is no setting of detection`)
  }
  for (const [name, [start, min, max]] of Object.entries(settings)) {
    const value = given[name as keyof DetectionPolicy] ?? start
    if (!(value >= min && value <= max)) {
      throw new DetectionError(detectionErrorCodes.policyInvalid, `${name} is ${value}; must be a number from ${min} to ${max}`)
    }
    policy[name] = value
  }
  return Object.freeze(policy) as DetectionPolicy
}
