// A region, one node and a crowd of vehicles, each in a process of its own, and an operator who warns them all.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as files from 'node:fs/promises'
import path from 'node:path'
import { openKeyFolder } from '@outrider/identity'
import { formatAlertKey } from '@outrider/protocol'
import type { Arrivals, CrowdOptions } from '../../apps/bench/src/crowd.js'
import { sharedNowMs } from '../../apps/bench/src/pace.js'
import { startWorker, type Worker } from '../../apps/bench/src/worker.js'
import { type EdgeNode, origin } from '../edge/edge-node.js'
import { createTiers } from '../uplink/tiers.js'
import type { LedgerCounts } from './ledger-counts.js'

export interface Warning {
  readonly key: string
  /** The moment the operator asked, on the machine's shared clock. */
  readonly issuedAtMs: number
}

export interface CrowdAtNode {
  readonly node: EdgeNode
  readonly crowd: Worker
  /** An operator's alert to everybody in 12 km around. */
  warn(validityMs: number): Promise<Warning>
  end(warning: Warning): Promise<void>
  arrivals(warning: Warning, from?: number): Promise<Arrivals>
  /** Deliveries of one alert, or of all since the start. */
  ledger(warning?: Warning): Promise<LedgerCounts>
  /** Resident memory of the node's process. */
  residentBytes(): number
  remove(): Promise<void>
}

/** Beside the sockets: libraries, pipes, and the connections of a test. */
const otherFiles = 200
/** A client may not ask for a token a day; an hour is longer than any of this. */
const tokenMs = 3_600_000

/** @throws Error if this machine does not let a process open that many sockets */
export async function startCrowd(vehicles: number): Promise<CrowdAtNode> {
  const tiers = await createTiers()
  const workers: Worker[] = []
  try {
    const region = await tiers.startRegion()
    const operator = tiers.operator(region)
    // All of them come from one address, at once.
    const rate = { OUTRIDER_EDGE_HANDSHAKES: '100000', OUTRIDER_EDGE_HANDSHAKES_ADDRESS: '100000' }
    const node = await tiers.startNode('edge-1', rate)
    const options: CrowdOptions = {
      port: Number(new URL(node.http).port),
      latitudeE7: origin.latitudeE7 - 400_000,
      longitudeE7: origin.longitudeE7 - 400_000,
      spacingM: 40,
      reportEveryMs: 4_000,
      beatMs: 50,
    }
    const crowd = startWorker(new URL('../../apps/bench/dist/crowd-worker.js', import.meta.url), options)
    workers.push(crowd)
    const openFilesMax = await crowd.ask<number>('openFilesMax')
    if (openFilesMax < vehicles + otherFiles) {
      throw new Error(
        `${vehicles} sockets in a process need ${vehicles + otherFiles} open files, and this machine allows ${openFilesMax}: raise the hard limit (ulimit -Hn)`,
      )
    }
    process.stderr.write(`outrider: ${vehicles} vehicles on one node; a process may have ${openFilesMax} files open\n`)

    const keys = await openKeyFolder({ path: path.join(tiers.place.folder, 'keys'), files, nowMs: Date.now })
    const issuer = await keys.tokenIssuer()
    const tokens: string[] = []
    for (let index = 0; index < vehicles; index++) {
      tokens.push((await issuer.issue({ enrolment: `CAR-${index}`, role: 'default', lifetimeMs: tokenMs })).token)
    }
    await crowd.ask('join', tokens)

    return {
      node,
      crowd,
      async warn(validityMs) {
        const issuedAtMs = sharedNowMs()
        const alert = {
          status: 'ALERT_STATUS_ACTUAL',
          cause: { code: 'CAUSE_CODE_ROADWORKS' },
          eventPosition: origin,
          area: { circle: { center: origin, radiusCm: 1_200_000 } },
        }
        const issued = await operator.call('Issue', { requestId: randomUUID(), validityMs, alert })
        return { key: formatAlertKey(issued.alert.alert.id), issuedAtMs }
      },
      async end({ key }) {
        const [name, boot, sequence] = key.split('/')
        const alertId = { node: name, boot: Number.parseInt(boot!, 16), sequence: Number(sequence) }
        await operator.call('End', { requestId: randomUUID(), alertId })
      },
      arrivals: ({ key, issuedAtMs }, from = 0) => crowd.ask('arrivals', { key, revision: 1, sinceMs: issuedAtMs, from }),
      async ledger(warning) {
        const details = (await (await fetch(`${node.admin}/details`)).json()) as Details
        if (warning === undefined) return details.ledger
        return details.alerts.find(({ alert }) => alert === warning.key)?.ledger[0] ?? noDeliveries
      },
      residentBytes() {
        // Its shell has become the node: `exec`.
        const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${node.process.pid}/status`, 'utf8'))?.[1]
        return Number(kib) * 1_024
      },
      async remove() {
        await Promise.all(workers.map(worker => worker.stop()))
        await tiers.remove()
      },
    }
  } catch (error) {
    await Promise.all(workers.map(worker => worker.stop()))
    await tiers.remove()
    throw error
  }
}

interface Details {
  readonly ledger: LedgerCounts
  readonly alerts: readonly { readonly alert: string; readonly ledger: readonly LedgerCounts[] }[]
}

const noDeliveries: LedgerCounts = {
  targeted: 0,
  acknowledged: 0,
  expired: 0,
  superseded: 0,
  ended: 0,
  withdrawn: 0,
  moved: 0,
  dropped: [],
  pending: 0,
}
