// The zone table: read from canonical JSON, checked as a whole, and asked who is responsible for a position.
import { type Area, compileArea, contains, createFrame, type Shape, shapeOf, toX, toY } from '@outrider/geo'
import { decodeJson, type outrider } from '@outrider/protocol'

type ZoneTable = outrider.v1.ZoneTable.$Properties
type Node = outrider.v1.Node.$Properties
type MultiPolygon = outrider.v1.MultiPolygon.$Properties

/** A footprint, ready to be asked what is in it and what touches it. */
export interface Footprint {
  readonly name: string
  readonly zone: string
  /** Owner first, then who takes over, in order. */
  readonly nodes: readonly string[]
  /** In a frame of its own, around its first corner: for positions. */
  readonly area: Area
  /** For other areas. */
  readonly shape: Shape
  readonly wire: MultiPolygon
}

/** A checked table. */
export interface Zones {
  readonly table: ZoneTable
  readonly footprints: readonly Footprint[]
  node(name: string): Node | undefined
}

export type ZonesResult = { readonly ok: true; readonly zones: Zones } | { readonly ok: false; readonly problems: readonly string[] }

/** What one table may hold: a region of cities. `locate` looks at the boxes one by one, in some 10 µs; each is asked for every alert. */
const footprintsMax = 1_024
const nodesMax = 1_024

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
  return placeZones(decoded.message)
}

/** Checks a table as a whole and makes it ready. */
export function placeZones(table: ZoneTable): ZonesResult {
  const nodes = new Map((table.nodes ?? []).map(node => [node.name ?? '', node]))
  const problems = [...checkNames(table, nodes)]
  const footprints = (table.zones ?? []).flatMap(zone =>
    (zone.footprints ?? []).flatMap(footprint => {
      const placed = placeFootprint(zone.name ?? '', footprint, nodes)
      if (!('problems' in placed)) return [placed]
      problems.push(...placed.problems)
      return []
    }),
  )
  if (footprints.length > footprintsMax) problems.push(`the table has ${footprints.length} footprints; at most ${footprintsMax}`)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, zones: { table, footprints, node: name => nodes.get(name) } }
}

function* checkNames({ version, zones, nodes: listed }: ZoneTable, nodes: ReadonlyMap<string, Node>): Generator<string> {
  const zoneNames = (zones ?? []).map(({ name }) => name ?? '')
  const footprintNames = (zones ?? []).flatMap(({ footprints }) => (footprints ?? []).map(({ name }) => name ?? ''))
  if ((version ?? 0) < 1) yield 'version must be 1 or more'
  if (nodes.size !== (listed ?? []).length) yield 'nodes must have different names'
  if (new Set(zoneNames).size !== zoneNames.length) yield 'zones must have different names'
  if (new Set(footprintNames).size !== footprintNames.length) yield 'footprints must have different names in the whole table'
  if (nodes.size > nodesMax) yield `nodes has ${nodes.size} entries; at most ${nodesMax}`
  for (const [field, names] of [
    ['zones.name', zoneNames],
    ['nodes.name', nodes.keys()],
  ] as const) {
    for (const name of names) if (!isName(name)) yield `${field} is "${name}"; must have 1 to 64 bytes and no slash`
  }
  for (const { name, zone } of nodes.values()) {
    if (!zoneNames.includes(zone ?? '')) yield `node ${name} is of zone "${zone}", which is not in the table`
  }
}

function isName(name: string): boolean {
  return name !== '' && !name.includes('/') && Buffer.byteLength(name) <= 64
}

function placeFootprint(
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
  const shape = shapeOf({ polygons: area ?? {} }, 0)
  return { name: name ?? '', zone, nodes: names, area: compiled.area as Area, shape, wire: area! }
}

/** The footprint that holds a position; of two that share a border the one named first. */
export function locate({ footprints }: Zones, latitudeE7: number, longitudeE7: number): Footprint | undefined {
  return footprints.find(({ area }) => contains(area, toX(area.frame, longitudeE7), toY(area.frame, latitudeE7)))
}

/** A node as the public sees it: without its address for other nodes. */
export function publicNode(zones: Zones, name: string): Node {
  const { zone, vehicleUrl } = zones.node(name)!
  return { name, zone: zone ?? '', vehicleUrl: vehicleUrl ?? '' }
}
