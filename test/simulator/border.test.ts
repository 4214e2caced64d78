import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { destination } from '@outrider/geo'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clearNodes, type EdgeNode } from '../edge/edge-node.js'
import { border, detailsOf, startTwoNodes } from './city-nodes.js'
import { clearCommands, outrider } from './outrider-lines.js'

let folder = ''
let nodes: readonly [EdgeNode, EdgeNode]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-border-'))
  nodes = await startTwoNodes()
})

afterAll(async () => {
  await clearCommands()
  await clearNodes()
  rmSync(folder, { recursive: true })
})

const seconds = 16
const seenFromS = 5
const seenUntilS = 11

/** A crash 300 m west of the border, and a witness who drives east across it after 7 s and says every second what he sees. */
function recording(): string {
  const rows = Array.from({ length: seconds }, (_, second) => {
    const east = destination(border.latitude, border.longitude, 90, -150 + 20 * second)
    const crash = destination(border.latitude, border.longitude, 90, -300)
    const isSeen = second >= seenFromS && second <= seenUntilS
    return [
      [second, 'witness', east.latitudeDeg, east.longitudeDeg, 20, '', isSeen ? 11 : ''],
      [second, 'crashed', crash.latitudeDeg, crash.longitudeDeg, 0, second >= 2 ? 'airbag;ecall_auto' : '', ''],
    ].map(row => row.join(','))
  })
  return ['t_s,vehicle_id,lat,lon,speed_mps,flags,report_cause', ...rows.flat()].join('\n')
}

it('a vehicle that crosses the border keeps its alert, and loses no urgent report', async () => {
  const file = path.join(folder, 'border.csv')
  writeFileSync(file, recording())
  const replay = outrider(['replay', file, '--to', nodes[1].url, '--json'], { OUTRIDER_INSECURE: '1' })
  const result = await replay.value('result')
  expect(await replay.ended).toBe(0)
  const { moves, linksWelcomed, reportsExpired, failures } = result as unknown as Record<string, number>
  expect({ moves, linksWelcomed, reportsExpired, failures }).toEqual({
    moves: 1,
    linksWelcomed: 3,
    reportsExpired: 0,
    failures: {},
  })
  const warned = replay.values('warned').filter(({ vehicle }) => String(vehicle) === 'witness')
  expect(warned).toMatchObject([{ cause: 92 }])
  // The other node does not know the alert, which is good for five minutes: nothing took it from the driver.
  expect(replay.values('over').filter(({ vehicle }) => String(vehicle) === 'witness')).toEqual([])
  // Each statement is on the disk of one of the nodes; a repeat to the next node may be on both.
  const [west, east] = await Promise.all(nodes.map(detailsOf))
  const urgent = west!.counts.reportsAccepted.urgent + east!.counts.reportsAccepted.urgent
  expect(urgent).toBeGreaterThanOrEqual(1 + seenUntilS - seenFromS + 1)
  expect(east!.counts.reportsAccepted.urgent).toBeGreaterThan(0)
})
