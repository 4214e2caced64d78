// The zone table: read from canonical JSON, checked as a whole, and asked who is responsible for a position and who is next to a node.
import { type Area, compileArea, contains, createFrame, eastMPerUnit, northMPerUnit, toX, toY } from '@outrider/geo'
import { decodeJson, type outrider } from '@outrider/protocol'
import type { ZoneGround } from '@outrider/zone'

type ZoneTable = outrider.v1.ZoneTable.$Properties
type Node = outrider.v1.Node.$Properties
type MultiPolygon = outrider.v1.MultiPolygon.$Properties

export interface Footprint {
  readonly name: string
  readonly zone: string
  /** Owner first, then who takes over, in order. */
  readonly nodes: readonly string[]
  /** In a frame of its own, around its first corner. */
  readonly area: Area
  readonly wire: MultiPolygon
}

/** A checked table. */
export interface Zones {
  readonly table: ZoneTable
  readonly footprints: readonly Footprint[]
  node(name: string): Node | undefined
}

export type ZonesResult = { readonly ok: true; readonly zones: Zones } | { readonly ok: false; readonly problems: readonly string[] }

/** A region of cities; `locate` looks at their boxes one by one, in some 10 µs. */
const footprintsMax = 1_024
const nodesMax = 1_024
/** As the welcome says. */
const neighboursMax = 32
/** Corners of all neighbours' footprints in a welcome: of at most 19 bytes each 38 KB of its 64. Those beyond go without. */
const neighbourPointsMax = 2_000
/** Nodes are neighbours if their footprints' boxes come so close: evidence counts 250 m across a border, and a vehicle at 60 m/s has its answer 10 s early. */
const neighbourM = 1_000

/** Reads a table from text. Every problem is one line: where, and what is allowed. */
export function readZoneTable(text: string): ZonesResult {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { ok: false, problems: [`not JSON: ${(error as Error).message}`] }
  }
  const decoded = decodeJson('ZoneTable', json)
  if (!decoded.ok) return { ok: false, problems: [`${decoded.problem.field || 'the whole'} must be ${decoded.problem.allowed}`] }
  const table = decoded.message
  const nodes = new Map((table.nodes ?? []).map(node => [node.name ?? '', node]))
  const problems = [...checkNodes(table, nodes)]
  const footprints = (table.zones ?? []).flatMap(zone =>
    (zone.footprints ?? []).flatMap(footprint => {
      const read = readFootprint(zone.name ?? '', footprint, nodes)
      if (!('problems' in read)) return [read]
      problems.push(...read.problems)
      return []
    }),
  )
  if (footprints.length > footprintsMax) problems.push(`the table has ${footprints.length} footprints; at most ${footprintsMax}`)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, zones: { table, footprints, node: name => nodes.get(name) } }
}

function* checkNodes(table: ZoneTable, nodes: ReadonlyMap<string, Node>): Generator<string> {
  const zoneNames = (table.zones ?? []).map(({ name }) => name ?? '')
  if ((table.version ?? 0) < 1) yield 'version must be 1 or more'
  if (nodes.size !== (table.nodes ?? []).length) yield 'nodes must have different names'
  if (nodes.size > nodesMax) yield `nodes has ${nodes.size} entries; at most ${nodesMax}`
  for (const name of [...zoneNames, ...nodes.keys()]) if (!isName(name)) yield `name "${name}" must have 1 to 64 bytes and no slash`
  for (const { name, zone } of nodes.values()) {
    if (!zoneNames.includes(zone ?? '')) yield `node ${name} is of zone "${zone}", which is not in the table`
  }
}

function isName(name: string): boolean {
  return name !== '' && !name.includes('/') && Buffer.byteLength(name) <= 64
}

function readFootprint(
  zone: string,
  { name, area, owner, successors }: outrider.v1.Footprint.$Properties,
  nodes: ReadonlyMap<string, Node>,
): Footprint | { readonly problems: readonly string[] } {
  const names = [owner ?? '', ...(successors ?? [])]
  const problems = names.filter(node => !nodes.has(node)).map(node => `footprint ${name} names node "${node}", which is not in the table`)
  const { latitudeE7, longitudeE7 } = area?.polygons?.[0]?.outer?.points?.[0] ?? {}
  if (Math.abs(latitudeE7 ?? 0) > 850_000_000 || Math.abs(longitudeE7 ?? 0) > 1_800_000_000) {
    return { problems: [...problems, `footprint ${name}: area must begin within 85 degrees of latitude`] }
  }
  const compiled = compileArea({ polygons: area ?? {} }, createFrame(latitudeE7 ?? 0, longitudeE7 ?? 0))
  if (!compiled.ok) problems.push(...compiled.problems.map(({ path, text: why }) => `footprint ${name}: ${path} ${why}`))
  if (!compiled.ok || problems.length > 0) return { problems }
  return { name: name ?? '', zone, nodes: names, area: compiled.area as Area, wire: area! }
}

/** The footprint that holds a position. */
export function locate({ footprints }: Zones, latitudeE7: number, longitudeE7: number): Footprint | undefined {
  return footprints.find(({ area }) => contains(area, toX(area.frame, longitudeE7), toY(area.frame, latitudeE7)))
}

/** A node as the public sees it: without its address for other nodes. */
export function publicNode(zones: Zones, name: string): Node {
  const { zone, vehicleUrl } = zones.node(name)!
  return { name, zone: zone ?? '', vehicleUrl: vehicleUrl ?? '' }
}

interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** Corners of areas as a box in 1e-7 degree around `origin`, the short way round the earth. */
function boxOf(areas: readonly Area[], origin: Area): Box {
  const box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
  for (const { frame, minX, minY, maxX, maxY } of areas) {
    const x = toX(origin.frame, frame.originLongitudeE7)
    const y = toY(origin.frame, frame.originLatitudeE7)
    box.west = Math.min(box.west, x + minX)
    box.east = Math.max(box.east, x + maxX)
    box.south = Math.min(box.south, y + minY)
    box.north = Math.max(box.north, y + maxY)
  }
  return box
}

/** Where the node reckons: the box of what it owns. Undefined if it owns nothing, or something the size of a country. */
export function groundOf({ footprints }: Zones, node: string): ZoneGround | undefined {
  const own = footprints.filter(({ nodes }) => nodes[0] === node).map(({ area }) => area)
  const origin = own[0]
  if (origin === undefined) return undefined
  const { west, south, east, north } = boxOf(own, origin)
  const latitudeE7 = origin.frame.originLatitudeE7 + (south + north) / 2
  const longitudeE7 = origin.frame.originLongitudeE7 + (west + east) / 2
  const eastM = ((east - west) / 2) * eastMPerUnit(origin.frame, (south + north) / 2)
  const northM = ((north - south) / 2) * northMPerUnit
  const turned =
    longitudeE7 > 1_800_000_000 ? longitudeE7 - 3_600_000_000 : longitudeE7 < -1_800_000_000 ? longitudeE7 + 3_600_000_000 : longitudeE7
  if (!(eastM < 185_000 && northM < 185_000)) return undefined
  return { latitudeDeg: latitudeE7 / 1e7, longitudeDeg: turned / 1e7, eastM: Math.max(eastM, 100), northM: Math.max(northM, 100) }
}

/** Nodes whose footprints come near the node's own, as a welcome names them. */
export function neighboursOf(zones: Zones, node: string): outrider.v1.Neighbour.$Properties[] {
  const own = zones.footprints.filter(({ nodes }) => nodes[0] === node).map(({ area }) => area)
  const origin = own[0]
  if (origin === undefined) return []
  const mine = boxOf(own, origin)
  const marginY = neighbourM / northMPerUnit
  const marginX = neighbourM / eastMPerUnit(origin.frame, (mine.south + mine.north) / 2)
  const found = new Map<string, Footprint[]>()
  for (const footprint of zones.footprints) {
    const owner = footprint.nodes[0]!
    const box = boxOf([footprint.area], origin)
    const isNear =
      box.west <= mine.east + marginX &&
      box.east >= mine.west - marginX &&
      box.south <= mine.north + marginY &&
      box.north >= mine.south - marginY
    if (owner !== node && isNear) found.set(owner, [...(found.get(owner) ?? []), footprint])
  }
  let points = 0
  return [...found].slice(0, neighboursMax).map(([name, footprints]) => {
    const { zone, vehicleUrl } = publicNode(zones, name)
    const polygons = footprints.flatMap(({ wire }) => wire.polygons ?? [])
    points += polygons.flatMap(({ outer, holes }) => [outer, ...(holes ?? [])]).reduce((sum, ring) => sum + (ring?.points?.length ?? 0), 0)
    return { zone: zone!, node: name, url: vehicleUrl!, ...(points <= neighbourPointsMax ? { footprint: { polygons } } : {}) }
  })
}

/** Why a table is of no use to a node, if so. */
export function checkZones(zones: Zones, node: string): string[] {
  if (zones.node(node) === undefined) return [`nodes has no "${node}"; OUTRIDER_EDGE_NAME must be one of its names`]
  return groundOf(zones, node) === undefined ? [`"${node}" must own footprints, together at most 370 km wide`] : []
}
