import { flagBit } from '@outrider/protocol'
import { crashMask } from './crash.js'
import type { Sighting, Surroundings } from './detector.js'
import { condition, seconds, type Way } from './explanation.js'
import { passersOf, runsBeside, runsOnBothSides, standsInTheWay } from './passers.js'
import { isPublicTransport, standsInQueue, waitsWithOthers } from './stationary-vehicle.js'
import { remarkableFromMs } from './usual-stop.js'

export function explainStationaryVehicle(surroundings: Surroundings, row: number, { flags, atMs }: Sighting): readonly Way[] {
  const { tracks, policy } = surroundings
  const stoodMs = atMs - tracks.standingSinceMs[row]!
  const has = (name: Parameters<typeof flagBit>[0]): boolean => (flags & flagBit(name)) !== 0
  const stands = (neededMs: number) =>
    condition(Number.isNaN(stoodMs) ? 'does not stand' : `stands for ${seconds(stoodMs)}, needed ${seconds(neededMs)}`, stoodMs >= neededMs)
  const isNoCrash = condition('no airbag or automatic eCall, which is a crash', (flags & crashMask) === 0)
  const isBus = isPublicTransport(tracks, row)
  const passers = Number.isNaN(stoodMs) ? 0 : passersOf(surroundings, row, atMs)
  const isFirst = condition('nobody stands ahead in the same lane', !standsInQueue(surroundings, row))
  const fromMs = Number.isNaN(stoodMs) ? policy.standingSilentMs : remarkableFromMs(surroundings, row)
  const silent = [
    condition('no hazard lights and no breakdown flag', !has('hazard_lights') && !has('breakdown')),
    condition(
      `${passers} passers in the last ${seconds(policy.passersWithinMs)}, needed ${policy.passersMin}`,
      passers >= policy.passersMin,
    ),
    condition('others do not drive through its place', standsInTheWay(surroundings, row)),
    isNoCrash,
    condition('ignition on', !has('ignition_off')),
    condition('no public transport', !isBus),
    isFirst,
  ]
  return [
    { name: 'breakdown flag', conditions: [condition('breakdown flag', has('breakdown')), stands(policy.standingFlaggedMs), isNoCrash] },
    {
      name: 'hazard lights',
      conditions: [
        condition('hazard lights, no breakdown flag', has('hazard_lights') && !has('breakdown')),
        stands(policy.standingFlaggedMs),
        isNoCrash,
        condition('no public transport with open doors', !(isBus && has('doors_open'))),
        isFirst,
      ],
    },
    {
      name: 'silent, between two lanes that run',
      conditions: [
        ...silent,
        stands(Math.max(policy.standingBetweenMs, policy.standingFlaggedMs)),
        condition(
          `passers went on on both sides, from ${seconds(policy.runsForMs)} ago on`,
          stoodMs >= 0 && runsOnBothSides(surroundings, row, atMs),
        ),
        condition('nobody stands beside it or further ahead', !waitsWithOthers(surroundings, row)),
      ],
    },
    {
      name: 'silent, for long',
      conditions: [
        ...silent,
        condition('not where vehicles never stand', fromMs >= policy.standingSilentMs),
        stands(Math.max(fromMs, policy.standingBetweenMs, policy.standingFlaggedMs)),
      ],
    },
    {
      name: 'silent, where vehicles never stand',
      conditions: [
        ...silent,
        condition('where vehicles drive and never stand, as was learned', fromMs < policy.standingSilentMs),
        stands(Math.max(fromMs, policy.standingBetweenMs, policy.standingFlaggedMs)),
        condition(`passers went on, from ${seconds(policy.runsForMs)} ago on`, stoodMs >= 0 && runsBeside(surroundings, row, atMs)),
        condition('nobody stands beside it or further ahead', !waitsWithOthers(surroundings, row)),
      ],
    },
  ]
}
