import type { Vehicle } from './vehicle.js'
import { placeOf, type World } from './world.js'

/** What a vehicle covers: its middle, direction and half its length and width. */
export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly halfLengthM: number
  readonly halfWidthM: number
}

/** From its front to its rear, which in a turn is where the front was a length ago. */
export function rectangleOf(world: World, vehicle: Vehicle): Rectangle {
  const { x, y } = placeOf(world, vehicle)
  const rear = { x: 0, y: 0, dx: 0, dy: 0 }
  const rearM = vehicle.sM - vehicle.lengthM
  const lane = world.graph.lanes[vehicle.lane]!
  const before = rearM < 0 && vehicle.turnBefore >= 0 ? world.graph.lanes[vehicle.turnBefore]! : undefined
  if (before) before.curve.pointAt(before.lengthM + rearM, rear)
  else lane.curve.pointAt(rearM, rear)
  rear.x -= rear.dy * vehicle.tailLateralM
  rear.y += rear.dx * vehicle.tailLateralM
  const length = Math.hypot(x - rear.x, y - rear.y)
  const [dx, dy] = [(x - rear.x) / length, (y - rear.y) / length]
  return { x: (x + rear.x) / 2, y: (y + rear.y) / 2, dx, dy, halfLengthM: length / 2, halfWidthM: 0.85 }
}

/** Separating axes: two rectangles touch if none of their four sides' directions has a gap. */
export function touch(a: Rectangle, b: Rectangle): boolean {
  if (Math.hypot(a.x - b.x, a.y - b.y) > a.halfLengthM + b.halfLengthM + 2) return false
  const axes = [
    [a.dx, a.dy],
    [-a.dy, a.dx],
    [b.dx, b.dy],
    [-b.dy, b.dx],
  ] as const
  return axes.every(([x, y]) => {
    const reach = ({ dx, dy, halfLengthM, halfWidthM }: Rectangle) =>
      Math.abs(dx * x + dy * y) * halfLengthM + Math.abs(-dy * x + dx * y) * halfWidthM
    return Math.abs((a.x - b.x) * x + (a.y - b.y) * y) < reach(a) + reach(b)
  })
}
