import { decodeFrame, encodeFrame, outrider } from '@outrider/protocol'
import type { SocketEvents } from '@outrider/sdk'
import { expect, it } from 'vitest'
import { createLinkTap } from './link-tap.js'

const { DELIVERY_STAGE_RECEIVED, DELIVERY_STAGE_TAKEN } = outrider.v1.DeliveryStage
const request = { url: 'ws://node', protocols: [], token: 't', messageBytesMax: 1_000 }
const alertId = { node: 'edge-1', boot: 1, sequence: 5 }

function tapped() {
  const written: Uint8Array[] = []
  const heard: Uint8Array[] = []
  const taken: string[] = []
  const welcomes: string[] = []
  let node: SocketEvents | undefined
  const tap = createLinkTap(
    (_, events) => {
      node = events
      return { send: bytes => void written.push(bytes), bufferedBytes: 0, close: () => undefined, abort: () => undefined }
    },
    { welcomed: ({ node: name }) => void welcomes.push(name), taken: (key, revision) => void taken.push(`${key} ${revision}`) },
    () => 1_234,
  )
  const events = { opened: () => undefined, message: (bytes: Uint8Array) => void heard.push(bytes), closed: () => undefined }
  const socket = tap.openSocket(request, events)
  return { tap, socket, written, heard, taken, welcomes, node: () => node! }
}

it('counts a revision that is acknowledged as taken once, whatever goes out again', () => {
  const { socket, taken, written } = tapped()
  const ack = (stage: number, revision: number) => encodeFrame('deliveryAck', { entries: [{ alertId, revision, stage, timeMs: 1 }] })
  socket.send(ack(DELIVERY_STAGE_RECEIVED, 1))
  socket.send(ack(DELIVERY_STAGE_TAKEN, 1))
  socket.send(ack(DELIVERY_STAGE_TAKEN, 1))
  socket.send(ack(DELIVERY_STAGE_TAKEN, 2))
  expect(taken).toEqual(['edge-1/00000001/5 1', 'edge-1/00000001/5 2'])
  expect(written).toHaveLength(4)
})

it('asks on the link last welcomed only', () => {
  const { tap, heard, written, welcomes, node } = tapped()
  tap.askAcknowledgement()
  expect([written.length, heard.length]).toEqual([0, 0])
  node().message(encodeFrame('welcome', { node: 'edge-1' }))
  expect(welcomes).toEqual(['edge-1'])
  tap.askAcknowledgement()
  expect(decodeFrame(written[0]!)).toMatchObject({ type: 'time', message: { askedTimeMs: 1_234 } })
  expect(heard).toHaveLength(1)
  node().closed({ code: 1006, reason: '' })
  tap.askAcknowledgement()
  expect(written).toHaveLength(1)
})
