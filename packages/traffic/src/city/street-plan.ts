// Which junctions there are and which streets join them. A grid with its irregularities: inner junctions stand off their place, some
// blocks have no street between them, some streets are one-way. Around it a ring road that only every other street reaches, through
// the middle two avenues. Every street can be reached from every other.
import type { Random } from './random.js'

export interface Junction {
  /** Metres east and north of the city's centre. */
  readonly x: number
  readonly y: number
}

/** One direction of a street, between two junctions, straight. */
export interface Street {
  readonly from: number
  readonly to: number
  readonly kind: StreetKind
  readonly lanes: number
  readonly limitMps: number
  readonly isOneWay: boolean
}

type StreetKind = 'ring' | 'avenue' | 'street'

export interface StreetPlan {
  readonly junctions: readonly Junction[]
  readonly streets: readonly Street[]
}

/** 70 and 50 km/h. */
const ringMps = 19.44
const townMps = 13.89

const spacingM = 220
const jitterM = 28
const oneWayShare = 0.3
const gapShare = 0.08

interface Link {
  readonly a: number
  readonly b: number
  readonly kind: StreetKind
  /** Streets from a to b, from b to a. */
  readonly ways: 'both' | 'forth' | 'back'
}

/** @param size junctions along a side, ≥ 5 */
export function planStreets(size: number, random: Random): StreetPlan {
  const junctions = placeJunctions(size, random)
  const links = joinJunctions(size, random)
  // Taking a link away or turning it one-way must leave every junction reachable, and none a dead end.
  for (let index = 0; index < links.length; index++) {
    const link = links[index]
    if (link === undefined || link.kind !== 'street') continue
    if (random.chance(gapShare)) keepIfConnected(links, index, undefined, junctions.length)
    else if (random.chance(oneWayShare))
      keepIfConnected(links, index, { ...link, ways: random.chance(0.5) ? 'forth' : 'back' }, junctions.length)
  }
  return { junctions, streets: streetsOf(links) }
}

function placeJunctions(size: number, random: Random): Junction[] {
  const middle = (size - 1) / 2
  const junctions: Junction[] = []
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const onRing = row === 0 || column === 0 || row === size - 1 || column === size - 1
      const off = () => (onRing ? 0 : random.between(-jitterM, jitterM))
      junctions.push({ x: (column - middle) * spacingM + off(), y: (row - middle) * spacingM + off() })
    }
  }
  return junctions
}

function joinJunctions(size: number, random: Random): (Link | undefined)[] {
  const last = size - 1
  const avenue = Math.floor(size / 2)
  const links: Link[] = []
  const join = (row: number, column: number, rowTo: number, columnTo: number) => {
    const across = row === rowTo ? row : column
    const onRing = across === 0 || across === last
    // A street that is neither avenue nor even-numbered ends one block before the ring.
    const touchesRing = row === rowTo ? column === 0 || columnTo === last : row === 0 || rowTo === last
    if (!onRing && touchesRing && across !== avenue && across % 2 === 1) return
    const kind = onRing ? 'ring' : across === avenue ? 'avenue' : 'street'
    links.push({ a: row * size + column, b: rowTo * size + columnTo, kind, ways: 'both' })
  }
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (column < last) join(row, column, row, column + 1)
      if (row < last) join(row, column, row + 1, column)
    }
  }
  // Changed in an order of its own, so that no corner of the city is favoured.
  for (let index = links.length - 1; index > 0; index--) {
    const other = random.whole(0, index)
    ;[links[index], links[other]] = [links[other]!, links[index]!]
  }
  return links
}

function keepIfConnected(links: (Link | undefined)[], index: number, change: Link | undefined, junctionCount: number) {
  const before = links[index]
  links[index] = change
  if (!isConnected(streetsOf(links), junctionCount)) links[index] = before
}

function streetsOf(links: readonly (Link | undefined)[]): Street[] {
  return links.flatMap(link => {
    if (link === undefined) return []
    const isOneWay = link.ways !== 'both'
    const lanes = link.kind === 'street' && !isOneWay ? 1 : 2
    const street = (from: number, to: number): Street => ({
      from,
      to,
      kind: link.kind,
      lanes,
      limitMps: link.kind === 'ring' ? ringMps : townMps,
      isOneWay,
    })
    const forth = link.ways === 'back' ? [] : [street(link.a, link.b)]
    return link.ways === 'forth' ? forth : [...forth, street(link.b, link.a)]
  })
}

/** True if every street can be reached from every other without turning back on the spot. */
function isConnected(streets: readonly Street[], junctionCount: number): boolean {
  const out: number[][] = Array.from({ length: junctionCount }, () => [])
  const into: number[][] = Array.from({ length: junctionCount }, () => [])
  for (const [index, { from, to }] of streets.entries()) {
    out[from]!.push(index)
    into[to]!.push(index)
  }
  const onward = (index: number) => out[streets[index]!.to]!.filter(next => streets[next]!.to !== streets[index]!.from)
  const backward = (index: number) => into[streets[index]!.from]!.filter(before => streets[before]!.from !== streets[index]!.to)
  return reached(onward) === streets.length && reached(backward) === streets.length
}

function reached(neighbours: (street: number) => readonly number[]): number {
  const seen = new Set([0])
  for (const street of seen) for (const next of neighbours(street)) seen.add(next)
  return seen.size
}
