// Who of 100,000 vehicles is in an area, all of them asked or the grid.
import { createReach, createVehicleGrid, distanceM, toLatitudeE7, toLongitudeE7 } from '@outrider/geo'
import { compiled, createChance, extent, frame, placeIn } from './areas.js'
import { readUsage, serveCommands, workerOptions } from './worker.js'

type RecipientsMethod = 'scan' | 'grid'

const { method } = workerOptions<{ method: RecipientsMethod }>()
const vehicles = 100_000
const chance = createChance(1)
const places = Array.from({ length: vehicles }, () => placeIn(chance))
const out = new Int32Array(vehicles)
let sink = 0

const finders = {
  scan: (middles: readonly { readonly x: number; readonly y: number }[], radiusM: number) => {
    const xs = Float64Array.from(places, ({ x }) => x)
    const ys = Float64Array.from(places, ({ y }) => y)
    return (at: number) => {
      const { x, y } = middles[at]!
      let found = 0
      for (let row = 0; row < vehicles; row++) if (distanceM(frame, x, y, xs[row]!, ys[row]!) <= radiusM) out[found++] = row
      return found
    }
  },
  grid: (middles: readonly { readonly x: number; readonly y: number }[], radiusM: number) => {
    const grid = createVehicleGrid({ frame, extent, rows: vehicles })
    for (const [row, { x, y }] of places.entries()) grid.place(row, x, y)
    const reaches = middles.map(({ x, y }) => {
      const center = { latitudeE7: toLatitudeE7(frame, y), longitudeE7: toLongitudeE7(frame, x) }
      return createReach(compiled({ circle: { center, radiusCm: radiusM * 100 } }))
    })
    return (at: number) => grid.queryReach(reaches[at]!, out)
  },
}

/** µs of CPU to find them. */
function timeFinding(radiusM: number, durationS: number): number {
  const middles = Array.from({ length: 256 }, () => placeIn(chance))
  const find = finders[method](middles, radiusM)
  findFor(find, durationS / 4)
  const before = readUsage().cpuMicros
  const times = findFor(find, durationS)
  return (readUsage().cpuMicros - before) / times
}

function findFor(find: (at: number) => number, durationS: number): number {
  const endMs = performance.now() + durationS * 1_000
  let times = 0
  for (; performance.now() < endMs; times++) sink += find(times & 255)
  return times
}

serveCommands({
  sink: () => sink,
  run: ({ durationS }: { durationS: number }) => ({ across1km: timeFinding(500, durationS), across2km: timeFinding(1_000, durationS) }),
})
