// From streets to lanes: every lane of a street is a straight line beside the street's axis, on its right; every way across a
// junction is a curve from the end of a lane to the start of another. Vehicles are only ever on a lane, at a distance from its start.
import { curveThrough, type LaneCurve, lineBetween } from './lane-curve.js'
import type { Junction, Street, StreetPlan } from './street-plan.js'

export const laneWidthM = 3.5

interface LaneBase {
  readonly index: number
  readonly curve: LaneCurve
  readonly lengthM: number
  readonly limitMps: number
  /** Junction at its end (street) or that it crosses (turn). */
  readonly junction: number
}

/** A lane of a street. Number 0 is the rightmost. */
export interface StreetLane extends LaneBase {
  readonly kind: 'street'
  readonly street: number
  readonly number: number
  /** Turns that begin at its end; at least one. */
  readonly turns: readonly number[]
  /** Lane beside it, -1 if there is none. */
  readonly left: number
  readonly right: number
}

/** A way across a junction. */
export interface TurnLane extends LaneBase {
  readonly kind: 'turn'
  readonly fromLane: number
  readonly toLane: number
  readonly fromStreet: number
  readonly toStreet: number
  readonly direction: 'left' | 'straight' | 'right'
}

export type Lane = StreetLane | TurnLane

export interface RoadGraph {
  readonly junctions: readonly Junction[]
  readonly streets: readonly Street[]
  readonly lanes: readonly Lane[]
  /** Lanes of a street by their number. */
  readonly lanesOfStreet: readonly (readonly number[])[]
  /** Streets that begin and that end at a junction. */
  readonly streetsFrom: readonly (readonly number[])[]
  readonly streetsInto: readonly (readonly number[])[]
}

/** Sideways acceleration drivers take in a turn. */
const turnAccelMps2 = 2.5

export function createRoadGraph({ junctions, streets }: StreetPlan): RoadGraph {
  const streetsFrom: number[][] = junctions.map(() => [])
  const streetsInto: number[][] = junctions.map(() => [])
  const widestAt = junctions.map(() => 1)
  for (const [index, { from, to, lanes }] of streets.entries()) {
    streetsFrom[from]!.push(index)
    streetsInto[to]!.push(index)
    for (const junction of [from, to]) widestAt[junction] = Math.max(widestAt[junction]!, lanes)
  }
  const lanes: Lane[] = []
  const lanesOfStreet = streets.map((street, index) => {
    const numbers = Array.from({ length: street.lanes }, (_, number) => number)
    const first = lanes.length
    for (const number of numbers) {
      lanes.push(
        streetLane(junctions, street, { index: first + number, street: index, number, cutM: [cutAt(street.from), cutAt(street.to)] }),
      )
    }
    return numbers.map(number => first + number)
  })

  /** Where a street stops before its junction's middle: half the crossing street, and room to turn. */
  function cutAt(junction: number): number {
    return 7 + laneWidthM * widestAt[junction]!
  }

  for (const [index, street] of streets.entries()) {
    const onward = streetsFrom[street.to]!.filter(next => streets[next]!.to !== street.from)
    const ways = onward.map(next => ({ street: next, direction: directionOf(junctions, street, streets[next]!) }))
    for (const { lane, way, number } of assignTurns(street.lanes, ways)) {
      const from = lanes[lanesOfStreet[index]![lane]!] as StreetLane
      const onto = lanesOfStreet[way.street]!
      const to = lanes[onto[Math.min(number, onto.length - 1)]!] as StreetLane
      const turn = turnLane(lanes.length, from, to, way.direction)
      lanes.push(turn)
      ;(from.turns as number[]).push(turn.index)
    }
  }
  return { junctions, streets, lanes, lanesOfStreet, streetsFrom, streetsInto }
}

interface Way {
  readonly street: number
  readonly direction: TurnLane['direction']
}

/**
 * Which lane may turn where, and onto which lane. With two lanes the right one goes right and straight on, the left one left and
 * straight on, so that ways from one street never cross; a lane that would have no way gets whatever there is.
 */
function assignTurns(laneCount: number, ways: readonly Way[]): { lane: number; way: Way; number: number }[] {
  const leftmost = laneCount - 1
  const assigned = ways.flatMap(way => {
    if (way.direction === 'right') return [{ lane: 0, way, number: 0 }]
    if (way.direction === 'left') return [{ lane: leftmost, way, number: 1 }]
    return Array.from({ length: laneCount }, (_, lane) => ({ lane, way, number: lane }))
  })
  for (let lane = 0; lane < laneCount; lane++) {
    if (!assigned.some(turn => turn.lane === lane)) assigned.push(...ways.map(way => ({ lane, way, number: lane })))
  }
  return assigned
}

function directionOf(junctions: readonly Junction[], street: Street, next: Street): TurnLane['direction'] {
  const ahead = directionAlong(junctions, street)
  const onward = directionAlong(junctions, next)
  const cross = ahead.dx * onward.dy - ahead.dy * onward.dx
  const dot = ahead.dx * onward.dx + ahead.dy * onward.dy
  const degrees = (Math.atan2(cross, dot) * 180) / Math.PI
  return degrees > 35 ? 'left' : degrees < -35 ? 'right' : 'straight'
}

function directionAlong(junctions: readonly Junction[], street: Street) {
  const from = junctions[street.from]!
  const to = junctions[street.to]!
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  return { dx: (to.x - from.x) / length, dy: (to.y - from.y) / length }
}

function streetLane(
  junctions: readonly Junction[],
  street: Street,
  { index, street: streetIndex, number, cutM }: { index: number; street: number; number: number; cutM: [number, number] },
): StreetLane {
  const { dx, dy } = directionAlong(junctions, street)
  const fromLeft = street.lanes - 1 - number
  const rightM = laneWidthM * (street.isOneWay ? fromLeft - (street.lanes - 1) / 2 : fromLeft + 0.5)
  const from = junctions[street.from]!
  const to = junctions[street.to]!
  const curve = lineBetween(
    { x: from.x + dx * cutM[0] + dy * rightM, y: from.y + dy * cutM[0] - dx * rightM },
    { x: to.x - dx * cutM[1] + dy * rightM, y: to.y - dy * cutM[1] - dx * rightM },
  )
  const left = number < street.lanes - 1 ? index + 1 : -1
  const right = number > 0 ? index - 1 : -1
  const { limitMps, to: junction } = street
  return { kind: 'street', index, street: streetIndex, number, curve, lengthM: curve.lengthM, limitMps, junction, turns: [], left, right }
}

function turnLane(index: number, from: StreetLane, to: StreetLane, direction: TurnLane['direction']): TurnLane {
  const curve = curveThrough(from.curve, to.curve)
  const comfortMps = Math.sqrt(turnAccelMps2 / Math.max(curve.sharpestPerM, 1e-6))
  return {
    kind: 'turn',
    index,
    fromLane: from.index,
    toLane: to.index,
    fromStreet: from.street,
    toStreet: to.street,
    direction,
    curve,
    lengthM: curve.lengthM,
    limitMps: Math.min(comfortMps, from.limitMps, to.limitMps),
    junction: from.junction,
  }
}
