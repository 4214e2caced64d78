import type { Random } from './random.js'
import type { RoadGraph } from './road-graph.js'

type Light = 'green' | 'yellow' | 'red'

export interface Lights {
  /** True where streets meet that would get in each other's way; elsewhere there is no light and nobody stops. */
  has(junction: number): boolean
  /** @param street one that ends at the junction */
  lightFor(junction: number, street: number, timeS: number): Light
}

const greenS = { ring: 22, avenue: 18, street: 12 }
/** Long enough to cross for a vehicle that could not stop from 70 km/h. */
const yellowS = 4
const clearS = 2

interface Plan {
  readonly offsetS: number
  readonly cycleS: number
  readonly greenFromS: ReadonlyMap<number, { readonly fromS: number; readonly untilS: number }>
}

/** Fixed-cycle lights. One street at a time has green: no way across a junction then crosses another that is open. */
export function createLights(graph: RoadGraph, random: Random): Lights {
  const plans = graph.streetsInto.map((streets, junction) => (needsLights(graph, junction) ? planFor(graph, streets, random) : undefined))
  return {
    has: junction => plans[junction] !== undefined,
    lightFor: (junction, street, timeS) => {
      const plan = plans[junction]
      if (plan === undefined) return 'green'
      const atS = (timeS + plan.offsetS) % plan.cycleS
      const { fromS, untilS } = plan.greenFromS.get(street)!
      if (atS < fromS || atS >= untilS + yellowS) return 'red'
      return atS < untilS ? 'green' : 'yellow'
    },
  }
}

function needsLights({ streets, streetsFrom, streetsInto }: RoadGraph, junction: number): boolean {
  const targets = streetsInto[junction]!.map(street => streetsFrom[junction]!.filter(next => streets[next]!.to !== streets[street]!.from))
  return targets.length > 2 || (targets.length === 2 && targets[0]!.some(target => targets[1]!.includes(target)))
}

function planFor(graph: RoadGraph, streets: readonly number[], random: Random): Plan {
  const greenFromS = new Map<number, { fromS: number; untilS: number }>()
  let cycleS = 0
  for (const street of streets) {
    const untilS = cycleS + greenS[graph.streets[street]!.kind]
    greenFromS.set(street, { fromS: cycleS, untilS })
    cycleS = untilS + yellowS + clearS
  }
  return { offsetS: random.whole(0, cycleS), cycleS, greenFromS }
}
