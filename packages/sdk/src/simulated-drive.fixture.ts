// A vehicle that has started at its home node in a simulated world, and what its nodes heard of it.
import type { FrameName, outrider as wire } from '@outrider/protocol'
import { outrider } from '@outrider/protocol'
import type { SimulatedNode } from './simulated-world.fixture.js'
import { createSimulatedVehicle, createSimulatedWorld } from './simulated-world.fixture.js'

const { DeliveryStage } = outrider.v1

export const place = { latitude: 53.55, longitude: 9.99 }

export function setUp(options: Parameters<typeof createSimulatedVehicle>[1] = {}) {
  const world = createSimulatedWorld()
  const home = world.node('ws://home')
  const vehicle = createSimulatedVehicle(world, options)
  vehicle.core.start()
  return { world, home, vehicle, core: vehicle.core, time: world.time }
}

/** Messages of one type that a node got, over all its sockets. */
export function messages<Name extends FrameName>(
  node: SimulatedNode,
  type: Name,
): Extract<ReturnType<typeof frames>[number], { type: Name }>['message'][] {
  return frames(node)
    .filter(frame => frame.type === type)
    .map(frame => frame.message) as never
}

export function frames(node: SimulatedNode) {
  return node.sockets.flatMap(socket => socket.received)
}

/** Acknowledgements that a node got, as text: sequence/revision stage. */
export function acks(node: SimulatedNode): string[] {
  return messages(node, 'deliveryAck').flatMap(ack =>
    ack.entries.map(entry => `${entry.alertId?.sequence}/${entry.revision} ${stageName(entry)}`),
  )
}

function stageName({ stage, dropReason }: wire.v1.DeliveryAckEntry.$Properties): string {
  const name = DeliveryStage[stage ?? 0]!.slice('DELIVERY_STAGE_'.length).toLowerCase()
  return dropReason ? `${name} ${outrider.v1.DropReason[dropReason]!.slice('DROP_REASON_'.length).toLowerCase()}` : name
}
