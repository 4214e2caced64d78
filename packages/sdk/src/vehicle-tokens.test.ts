import { closeCodes } from '@outrider/protocol'
import { expect, test } from 'vitest'
import { setUp } from './simulated-drive.fixture.js'
import { createSimulatedVehicle, createSimulatedWorld, wallStartMs } from './simulated-world.fixture.js'
import type { TokenReason } from './token-source.js'

const jwt = (expiresInS: number, nowMs: number) => `h.${btoa(JSON.stringify({ exp: Math.floor(nowMs / 1_000) + expiresInS }))}.s`

test('is renewed before it expires, without losing the link', () => {
  const reasons: TokenReason[] = []
  let nowMs = () => wallStartMs
  const { core, time, home } = setUp({
    canRenewToken: true,
    obtainToken: (reason, done) => {
      reasons.push(reason)
      done({ token: jwt(600, nowMs()) })
    },
  })
  nowMs = time.clock.wallMs
  let connectedAll = true
  for (let second = 0; second < 1_200; second++) {
    time.run(1_000)
    connectedAll &&= core.isConnected
  }
  expect(connectedAll).toBe(true)
  expect(reasons).toEqual(['connect', 'refresh', 'refresh'])
  expect(home.sockets.filter(socket => socket.isOpen)).toHaveLength(1)
})

test('expired as text: over, with the code that says so', () => {
  const { time, home, vehicle } = setUp()
  time.run(1_000)
  home.sockets[0]!.end({ code: closeCodes.tokenExpired.code })
  expect(vehicle.calls.over).toMatchObject({ code: 'token_expired' })
})

test('refused at the upgrade: a function is asked once more, then it is over', () => {
  const reasons: TokenReason[] = []
  const world = createSimulatedWorld()
  world.node('ws://home').accepts = { httpStatus: 401 }
  const { core, calls } = createSimulatedVehicle(world, {
    canRenewToken: true,
    obtainToken: (reason, done) => {
      reasons.push(reason)
      done({ token: 'a.b.c' })
    },
  })
  core.start()
  world.time.run(60_000)
  expect(reasons).toEqual(['connect', 'refused'])
  expect(calls.over).toMatchObject({ code: 'token_refused' })
})

test('a function that never answers is asked again', () => {
  let asked = 0
  const { core, time } = setUp({
    canRenewToken: true,
    obtainToken: (_reason, done) => {
      if (++asked > 1) done({ token: 'a.b.c' })
    },
  })
  time.run(14_000)
  expect(asked).toBe(1)
  time.run(10_000)
  expect(core.isConnected).toBe(true)
})
