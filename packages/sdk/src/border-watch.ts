// Whether the vehicle has driven out of what its node owns. A welcome says what its neighbours own, not what it owns itself: inside a
// neighbour's footprint the neighbour is to serve. A neighbour may come without a footprint, and the node a vehicle begins at need not be
// its own: then a node is asked who is (`GET /v1/locate`), once in the beginning and on the way.
import type { outrider as wire } from '@outrider/protocol'
import type { Coordinates } from './distance.js'
import { distanceM, isInPolygons } from './distance.js'

/** Two positions this far apart in time must both lie across the border: one may be a receiver's jitter. */
const insideMs = 300
/** Least time from a change of node to the next one: a road along a border crosses it again and again. */
const moveGapMs = 10_000
/** On the way a node is asked after this time and this way. */
const askGapMs = 10_000
const askEveryM = 500

export interface BorderWatch {
  /** A node serves from now on. */
  served(welcome: Pick<wire.v1.Welcome, 'neighbours'>, nowMs: number): void
  /** Takes in a position; which node to go to, or that one is to be asked who owns it. */
  look(at: Coordinates, nowMs: number): { readonly url: string } | 'ask' | undefined
}

export function createBorderWatch(): BorderWatch {
  let neighbours: readonly wire.v1.Neighbour.$Properties[] = []
  let servedAtMs: number | undefined
  let inside: { readonly url: string; readonly sinceMs: number } | undefined
  let asked: { readonly at: Coordinates; readonly atMs: number } | undefined

  function isToAsk(at: Coordinates, nowMs: number): boolean {
    if (asked === undefined) return true
    if (neighbours.every(({ footprint }) => footprint != null)) return false
    return nowMs - asked.atMs >= askGapMs && distanceM(asked.at, at) >= askEveryM
  }

  return {
    served(welcome, nowMs) {
      neighbours = welcome.neighbours
      // Nothing keeps a vehicle at the node that it found first.
      servedAtMs = servedAtMs === undefined ? Number.NEGATIVE_INFINITY : nowMs
      inside = undefined
    },
    look(at, nowMs) {
      if (servedAtMs === undefined) return undefined
      const url = neighbours.find(({ footprint }) => isInPolygons(footprint, at))?.url
      if (url) {
        if (inside?.url !== url) inside = { url, sinceMs: nowMs }
        return nowMs - inside.sinceMs >= insideMs && nowMs - servedAtMs >= moveGapMs ? { url } : undefined
      }
      inside = undefined
      if (!isToAsk(at, nowMs)) return undefined
      asked = { at, atMs: nowMs }
      return 'ask'
    },
  }
}
