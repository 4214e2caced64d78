// Region and central are killed while a city drives on two nodes: vehicles are warned meanwhile, and afterwards everything that a vehicle saw
// accepted is at central once. The same for every event log.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { nodeFiles } from '@outrider/spool'
import { expect } from 'vitest'
import { createPgliteStore } from '../../apps/central/src/store/pglite-store.js'
import { type CentralStats, createCentralPlace, until } from '../central/central-process.js'
import type { EdgeNode } from '../edge/edge-node.js'
import { authority } from '../region/region-process.js'
import { untilDrained } from '../region/region-topics.js'
import { clearCommands, outrider } from '../simulator/outrider-lines.js'
import { createTiers, publishNodes, readyOf, untilDrainedUp } from '../uplink/tiers.js'

/** OUTRIDER_TEST_OUTAGE_S makes it longer: the acceptance run takes 30. */
export const outageS = Math.max(10, Number(process.env.OUTRIDER_TEST_OUTAGE_S ?? 10))
/** Of which the starts of two regions, two centrals, two nodes and a city are most on a busy machine. */
export const outageTimeoutMs = (300 + outageS) * 1_000

const vehicles = 60
/** Place on the border between the two nodes, so that vehicles change between them. */
const border = { latitude: 53.55, longitude: 10.09 }

interface Status {
  readonly reportsAccepted: number
  readonly alertsReceived: number
  readonly alertsShown: number
}

interface ReportRow {
  readonly vehicle: string
  readonly sdk_start: number
  readonly number: number
  readonly applications: number
}

/** @param log where region and central find the event log; undefined: a folder of both */
export async function expectNothingLostInAnOutage(log?: Readonly<Record<string, string>>): Promise<void> {
  const tiers = await createTiers()
  const place = await createCentralPlace()
  try {
    const eventLog = { OUTRIDER_EVENT_LOG: place.eventLogFolder, ...log }
    const startCentral = () => place.start({ OUTRIDER_AUTHORITY: authority, ...eventLog })
    const [region, central, west, east] = await Promise.all([
      tiers.startRegion(eventLog),
      startCentral(),
      tiers.startNode('edge-1'),
      tiers.startNode('edge-2'),
    ])
    const nodes = [west, east]
    await publishNodes(tiers, nodes)

    const acceptedFile = path.join(place.folder, 'accepted.ndjson')
    const city = drive(west, path.join(tiers.place.folder, 'keys'), acceptedFile)
    const reading = (isWanted: (status: Status) => boolean) =>
      city.value('status', status => isWanted(status as unknown as Status)) as unknown as Promise<Status>
    const latest = () => city.values('status').at(-1) as unknown as Status
    await reading(({ alertsReceived, reportsAccepted }) => alertsReceived > 0 && reportsAccepted > 0)
    await until(central.stats, ({ reports }) => reports.identities > 0)

    tiers.relay.target = undefined
    await Promise.all([region.kill(), central.kill()])
    const before = latest()
    await sleep(outageS * 1_000)
    // However slow the machine is: warned and accepted by nodes that have no region.
    await reading(
      ({ alertsReceived, reportsAccepted }) => alertsReceived > before.alertsReceived && reportsAccepted > before.reportsAccepted,
    )
    for (const node of nodes) {
      const { ready, checks } = await readyOf(node)
      expect([ready, checks.uplink.detail]).toEqual([true, expect.stringMatching(/^an island: .*records wait/)])
    }
    const during = latest()

    const [regionAgain, centralAgain] = await Promise.all([tiers.startRegion(eventLog), startCentral()])
    // It drives on until the region is heard of again, and then some.
    for (const node of nodes) await expect.poll(() => isConnected(node), { timeout: 60_000 }).toBe(true)
    const back = latest()
    await reading(({ reportsAccepted }) => reportsAccepted > back.reportsAccepted)
    city.process.kill('SIGTERM')
    const { reportsAccepted } = (await city.value('result')) as unknown as Status
    expect(await city.ended).toBe(0)

    for (const node of nodes) await untilDrainedUp(node)
    await untilDrained(regionAgain)
    const stats = await until(centralAgain.stats, ({ eventLog: { lag } }) => lag === 0)
    expect(await centralAgain.stop()).toBe(0)
    expect(await regionAgain.stop()).toBe(0)

    const rows = await readReports(path.join(place.folder, 'data', 'store'))
    expectAllOnce(rows, stats, readAccepted(acceptedFile), reportsAccepted)
    process.stderr.write(
      `outage of ${outageS} s: ${during.alertsReceived - before.alertsReceived} alerts received and ` +
        `${during.reportsAccepted - before.reportsAccepted} reports accepted in it; ${reportsAccepted} accepted in all, ` +
        `${rows.length} at central, ${stats.records.repeatsDropped} repeats dropped\n`,
    )
  } finally {
    await clearCommands()
    await tiers.remove()
    await place.remove()
  }
}

function drive(node: EdgeNode, keys: string, acceptedFile: string) {
  const args = ['simulate', '--url', node.url, '--keys', keys, '--lat', String(border.latitude), '--lon', String(border.longitude)]
  return outrider([...args, '--vehicles', String(vehicles), '--seed', '7', '--hazard-every', '1', '--json'], {
    OUTRIDER_SIMULATOR_ACCEPTED: acceptedFile,
  })
}

async function isConnected(node: EdgeNode): Promise<boolean> {
  return /^urgent lane connected.*telemetry lane connected/.test((await readyOf(node)).checks.uplink.detail)
}

/** (pseudonym, number) of what vehicles saw acknowledged. */
function readAccepted(file: string): { readonly vehicle: string; readonly number: number }[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** Counted from the rows of a store that nobody has open. */
async function readReports(folder: string): Promise<ReportRow[]> {
  const store = createPgliteStore({ folder, files: nodeFiles })
  await store.start()
  try {
    return await store.query<ReportRow & Record<string, unknown>>(
      `SELECT vehicle, sdk_start::float8 AS sdk_start, number::float8 AS number, count(*)::float8 AS applications
       FROM report GROUP BY vehicle, sdk_start, number`,
    )
  } finally {
    await store.stop()
  }
}

function expectAllOnce(rows: readonly ReportRow[], stats: CentralStats, accepted: ReturnType<typeof readAccepted>, count: number): void {
  const nameOf = ({ vehicle, number }: { readonly vehicle: string; readonly number: number }) => `${vehicle}/${number}`
  const atCentral = new Set(rows.map(nameOf))
  // One start of the SDK a vehicle, so that the two name a report.
  expect(atCentral.size).toBe(rows.length)
  expect(accepted).toHaveLength(count)
  expect(accepted.filter(report => !atCentral.has(nameOf(report)))).toEqual([])
  expect(rows.filter(({ applications }) => applications !== 1)).toEqual([])
  expect(stats).toMatchObject({
    reports: { identities: rows.length, applications: rows.length, duplicates: 0 },
    records: { lost: 0 },
    deadLetters: 0,
    eventLog: { lag: 0 },
  })
  expect(stats.alerts.total).toBeGreaterThan(0)
  expect(stats.deliveries.acknowledged).toBeGreaterThan(0)
}
