// Two neighbouring edge nodes that know each other's real ports, with their border at `border`.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { type EdgeNode, makeFolder, startEdge } from '../edge/edge-node.js'

/** A place on the border of the two footprints of the table in edge-node.ts. */
export const border = { latitude: 53.55, longitude: 10.09 }

export async function startTwoNodes(
  more: Readonly<Record<string, string>> = { OUTRIDER_INSECURE: '1' },
): Promise<readonly [EdgeNode, EdgeNode]> {
  const start = (name: string) => startEdge({ ...more, OUTRIDER_EDGE_NAME: name }, makeFolder())
  const nodes = [await start('edge-1'), await start('edge-2')] as const
  for (const node of nodes) publish(node, nodes)
  const isPublished = async (node: EdgeNode) => expect(await tableVersion(node)).toBe(2)
  for (const node of nodes) await vi.waitFor(() => isPublished(node), { timeout: 20_000, interval: 100 })
  return nodes
}

/** The table again, with the URLs that are known only now. */
function publish(at: EdgeNode, nodes: readonly EdgeNode[]): void {
  const file = path.join(at.folder, 'zones.json')
  const table = JSON.parse(readFileSync(file, 'utf8')) as { version: number; nodes: { vehicleUrl: string }[] }
  const next = { ...table, version: 2, nodes: table.nodes.map((node, index) => ({ ...node, vehicleUrl: nodes[index]!.url })) }
  writeFileSync(`${file}.new`, JSON.stringify(next))
  renameSync(`${file}.new`, file)
}

async function tableVersion(node: EdgeNode): Promise<number> {
  return ((await (await fetch(`${node.http}/v1/zone`)).json()) as { tableVersion: number }).tableVersion
}

interface Details {
  readonly ledger: Readonly<Record<'targeted' | 'acknowledged' | 'recovered', number>>
  readonly counts: { readonly reportsAccepted: { readonly telemetry: number; readonly urgent: number } }
}

export async function detailsOf(node: EdgeNode): Promise<Details> {
  return (await (await fetch(`${node.admin}/details`)).json()) as Details
}
