// The zone table: read from a file in canonical JSON, checked as a whole, and swapped in when a later version of it is right.
import { decodeJson, type outrider } from '@outrider/protocol'
import { compileShape } from './alert-reach.js'
import { type Shape, touches } from './shape.js'

type ZoneTable = outrider.v1.ZoneTable.$Properties
type Node = outrider.v1.Node.$Properties
type Zone = outrider.v1.Zone.$Properties

/** A footprint, ready to be asked what touches it. */
interface PlacedFootprint {
  readonly name: string
  readonly zone: string
  /** Owner first, then who takes over, in order. */
  readonly nodes: readonly string[]
  readonly shape: Shape
}

/** A checked table. */
export interface Zones {
  readonly table: ZoneTable
  readonly footprints: readonly PlacedFootprint[]
  node(name: string): Node | undefined
}

export type ZonesResult = { readonly ok: true; readonly zones: Zones } | { readonly ok: false; readonly problems: readonly string[] }

/** What one table may hold: a region of cities; each footprint is asked for every alert. */
const footprintsMax = 1_024
const nodesMax = 1_024

/** Reads a table from text. Every problem is one line: where and what is allowed. */
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

function placeZones(table: ZoneTable): ZonesResult {
  const problems: string[] = []
  const zones = table.zones ?? []
  const nodes = new Map((table.nodes ?? []).map(node => [node.name ?? '', node]))
  if ((table.version ?? 0) < 1) problems.push('version must be 1 or more')
  if (nodes.size !== (table.nodes ?? []).length) problems.push('nodes must have different names')
  if (nodes.size > nodesMax) problems.push(`nodes has ${nodes.size} entries; at most ${nodesMax}`)
  for (const [name, node] of nodes) {
    checkName(problems, 'nodes.name', name)
    if (!zones.some(zone => zone.name === node.zone)) problems.push(`node ${name} is of zone "${node.zone}", which is not in the table`)
  }
  if (new Set(zones.map(({ name }) => name)).size !== zones.length) problems.push('zones must have different names')
  const footprints = zones.flatMap(zone => placeFootprints(problems, zone, nodes))
  if (new Set(footprints.map(({ name }) => name)).size !== footprints.length)
    problems.push('footprints must have different names in the whole table')
  if (footprints.length > footprintsMax) problems.push(`the table has ${footprints.length} footprints; at most ${footprintsMax}`)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, zones: { table, footprints, node: name => nodes.get(name) } }
}

function placeFootprints(problems: string[], zone: Zone, nodes: ReadonlyMap<string, Node>): PlacedFootprint[] {
  checkName(problems, 'zones.name', zone.name ?? '')
  return (zone.footprints ?? []).flatMap(({ name = '', area, owner, successors }) => {
    const owners = [owner ?? '', ...(successors ?? [])]
    for (const node of owners) if (!nodes.has(node)) problems.push(`footprint ${name} names node "${node}", which is not in the table`)
    const shape = compileShape({ polygons: area ?? null })
    if (!shape.ok) {
      problems.push(`footprint ${name}: area.${shape.problem.field} ${shape.problem.message}`)
      return []
    }
    return [{ name: name ?? '', zone: zone.name ?? '', nodes: owners, shape: shape.area }]
  })
}

function checkName(problems: string[], field: string, name: string): void {
  if (name === '' || name.includes('/') || Buffer.byteLength(name) > 64)
    problems.push(`${field} is "${name}"; must have 1 to 64 bytes and no slash`)
}

/** Nodes whose footprints touch one of the node's own, sorted by name. */
export function neighboursOf({ footprints }: Zones, node: string): string[] {
  const mine = footprints.filter(({ nodes }) => nodes[0] === node)
  const found = new Set(
    footprints
      .filter(({ nodes }) => nodes[0] !== node)
      .filter(({ shape }) => mine.some(own => touches(own.shape, shape)))
      .map(({ nodes }) => nodes[0]!),
  )
  return [...found].sort()
}
