// Areas of the zone against the scorer's plain loops, on random shapes: what is inside, and how far away what is not.
import { areaAt, compileArea, contains, createFrame, distanceToAreaM, toX, toY } from '@outrider/geo'
import { expect, it } from 'vitest'
import { draftAt, toWire, truthOf } from './alert-drafts.js'
import { metresInside } from './area-truth.js'
import { createChance } from './chance.js'
import { middle } from './delivery-world.js'
import { placeOff } from './earth.js'
import { wallStartMs } from './simulated-time.js'

const frame = createFrame(Math.round(middle.latDeg * 1e7), Math.round(middle.lonDeg * 1e7))

it('circles, polygons with holes, several of them, corridors and moving areas hold the same points, but for the last centimetres', () => {
  const chance = createChance(17)
  let inside = 0
  for (let run = 0; run < 400; run++) {
    const event = placeOff(middle, chance.between(-5_000, 5_000), chance.between(-5_000, 5_000))
    const { content } = draftAt(chance, event, 0, 1)
    const truth = truthOf(content).area
    const compiled = compileArea(content.area, frame)
    // The ring of a hole may come out crossing the outer one, and is refused.
    if (!compiled.ok) continue
    const atMs = chance.between(0, 60_000)
    const area = areaAt(compiled.area, wallStartMs + atMs)
    for (let point = 0; point < 100; point++) {
      const { latitudeE7, longitudeE7 } = toWire(placeOff(event, chance.between(-300, 300), chance.between(-300, 300)))
      const [x, y] = [toX(frame, longitudeE7!), toY(frame, latitudeE7!)]
      const insideM = metresInside(truth, { latDeg: latitudeE7! / 1e7, lonDeg: longitudeE7! / 1e7 }, atMs)
      if (insideM > 0) inside++
      const slackM = 0.3 + Math.abs(insideM) * 0.001
      if (Math.abs(insideM) > slackM) expect(contains(area, x, y)).toBe(insideM > 0)
      if (insideM < -slackM) expect(Math.abs(distanceToAreaM(area, x, y) + insideM)).toBeLessThan(slackM)
    }
  }
  expect(inside).toBeGreaterThan(2_000)
})
