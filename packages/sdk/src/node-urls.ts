// Which URLs a vehicle goes to of those that nodes name.
import type { outrider as wire } from '@outrider/protocol'
import type { Coordinates } from './distance.js'
import { isInPolygons } from './distance.js'

export interface NodeUrls {
  /** The URL, if it is as safe as the one the vehicle was given: the token goes there. */
  usable(url: string | null | undefined): string | undefined
  /** A neighbour whose footprint the vehicle is in, else any, the one it was given among them; never the current one. */
  neighbour(neighbours: readonly wire.v1.Neighbour.$Properties[], at: Coordinates | undefined, currentUrl: string): string
}

/** @param homeUrl the one the vehicle was given @param random 0 ≤ random < 1 */
export function createNodeUrls(homeUrl: string, random: () => number): NodeUrls {
  function usable(url: string | null | undefined): string | undefined {
    if (!url || !URL.canParse(url)) return undefined
    const { protocol, hash } = new URL(url)
    if (hash !== '') return undefined
    return protocol === 'wss:' || (protocol === 'ws:' && new URL(homeUrl).protocol === 'ws:') ? url : undefined
  }
  return {
    usable,
    neighbour(neighbours, at, currentUrl) {
      const here = at === undefined ? [] : neighbours.filter(({ footprint }) => isInPolygons(footprint, at))
      const urls = (here.length > 0 ? here : neighbours).map(({ url }) => usable(url)).filter(url => url !== undefined)
      const others = [...new Set(here.length > 0 ? urls : [...urls, homeUrl])].filter(url => url !== currentUrl)
      return others[Math.floor(random() * others.length)] ?? homeUrl
    },
  }
}
