import { encodeJson, type outrider, subprotocols } from '@outrider/protocol'
import type { Readiness } from '@outrider/service'
import { locate, publicNode, type Zones } from '@outrider/zone-table'
import { type Answer, jsonAnswer, problemAnswer } from './answer.js'
import { isOriginAllowed } from './handshake.js'
import type { RequestLimits } from './request-limits.js'

interface PublicRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly origin: string
  readonly address: string
}

export interface PublicPages {
  answer(request: PublicRequest): Answer
}

export interface PublicPagesOptions {
  readonly node: string
  readonly zones: () => Zones
  readonly neighbours: () => readonly outrider.v1.Neighbour.$Properties[]
  /** A footprint's owner and successors, in the order in which they take vehicles now. */
  readonly inOrder: (nodes: readonly string[]) => readonly string[]
  readonly readiness: () => Readiness
  readonly limits: RequestLimits
  readonly origins: readonly string[]
}

/** `/healthz`, `/readyz`, `/v1/zone`, `/v1/locate?lat=&lon=`: nothing in them is about a vehicle. */
export function createPublicPages({ node, zones, neighbours, inOrder, readiness, limits, origins }: PublicPagesOptions): PublicPages {
  const pages: Readonly<Record<string, (query: string) => Answer>> = {
    '/healthz': () => jsonAnswer(200, { alive: true }),
    '/readyz'() {
      const state = readiness()
      return jsonAnswer(state.ready ? 200 : 503, state)
    },
    '/v1/zone'() {
      const { table } = zones()
      const own = zones().node(node)!
      return jsonAnswer(200, {
        node,
        zone: own.zone,
        vehicleUrl: own.vehicleUrl,
        tableVersion: table.version,
        subprotocols: Object.values(subprotocols),
        neighbours: neighbours().map(neighbour => encodeJson('Neighbour', neighbour)),
      })
    },
    '/v1/locate'(query) {
      const asked = new URLSearchParams(query)
      const latitudeE7 = degreesE7(asked.get('lat'), 90)
      const longitudeE7 = degreesE7(asked.get('lon'), 180)
      if (latitudeE7 === undefined || longitudeE7 === undefined) {
        return problemAnswer({ problem: 'position_invalid', detail: 'lat is -90 to 90 and lon -180 to 180, decimal degrees in WGS 84' })
      }
      const found = locate(zones(), latitudeE7, longitudeE7)
      if (found === undefined) return problemAnswer({ problem: 'position_outside' })
      const [owner, ...successors] = inOrder(found.nodes).map(name => publicNode(zones(), name))
      return jsonAnswer(200, encodeJson('ZoneServiceLocateResponse', { footprint: found.name, node: owner!, successors }))
    },
  }

  return {
    answer({ method, path, query, origin, address }) {
      const page = pages[path]
      if (page === undefined) return problemAnswer({ problem: 'not_found', detail: `one of ${Object.keys(pages).join(', ')}` })
      if (method !== 'get') return problemAnswer({ problem: 'method_not_allowed' })
      // Not probes: an orchestrator that is refused would restart the node.
      if (path.startsWith('/v1/') && limits.take(address) !== undefined) return problemAnswer({ problem: 'rate_exceeded', retryAfterS: 1 })
      const answer = page(query)
      if (origin === '' || !isOriginAllowed(origin, origins)) return answer
      return { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': origin, vary: 'origin' } }
    },
  }
}

function degreesE7(text: string | null, most: number): number | undefined {
  if (text === null || !/^[+-]?\d{1,3}(?:\.\d{1,20})?$/.test(text)) return undefined
  const degrees = Number(text)
  return Math.abs(degrees) <= most ? Math.round(degrees * 1e7) : undefined
}
