// One vehicle of the SDK that drives east across the border between two nodes, and what it was without on the way.
import { decodeFrame, outrider } from '@outrider/protocol'
import { connect, openPlatformSocket, type Vehicle } from '@outrider/sdk'
import { eastOfBorder } from '../sdk/two-nodes.js'

const { LinkRole } = outrider.v1

const startM = -200
export const endM = 200
const speedMps = 40

export interface CrossingVehicle {
  /** Reports where it is by now. @returns metres east of the border */
  drive(): number
  /** How often it was told of each alert. */
  readonly told: ReadonlyMap<string, number>
  /** Has the next node as its only one. */
  readonly hasMoved: boolean
  /** The longest time in which no node served it as its primary one, ms; 0 = one always did. */
  readonly gapMs: number
  close(): Promise<void>
}

/** @param northM its lane @throws SdkError if it cannot connect */
export async function startCrossing(url: string, token: string, northM: number): Promise<CrossingVehicle> {
  const told = new Map<string, number>()
  /** URLs of nodes that have said something since they were told that they are the primary one. */
  const serving = new Set<string>()
  const primary = new Set<string>()
  let unservedAtMs: number | undefined
  let gapMs = 0
  let isOver = false

  function leave(left: string): void {
    primary.delete(left)
    if (serving.delete(left) && serving.size === 0) unservedAtMs = performance.now()
  }

  function serve(by: string): void {
    if (!primary.has(by) || serving.has(by)) return
    serving.add(by)
    if (unservedAtMs !== undefined && !isOver) gapMs = Math.max(gapMs, performance.now() - unservedAtMs)
    unservedAtMs = undefined
  }

  const vehicle: Vehicle = await connect({
    url,
    token,
    presentation: false,
    platform: {
      openSocket(request, events) {
        const socket = openPlatformSocket(request, {
          ...events,
          message(bytes) {
            serve(request.url)
            events.message(bytes)
          },
          closed(end) {
            leave(request.url)
            events.closed(end)
          },
        })
        return {
          send(bytes) {
            const frame = decodeFrame(bytes)
            if (frame.kind === 'frame' && frame.type === 'hello') {
              if (frame.message.role === LinkRole.LINK_ROLE_STANDBY) leave(request.url)
              else primary.add(request.url)
            }
            socket.send(bytes)
          },
          get bufferedBytes() {
            return socket.bufferedBytes
          },
          close(code, reason) {
            leave(request.url)
            socket.close(code, reason)
          },
          abort() {
            leave(request.url)
            socket.abort()
          },
        }
      },
    },
  })
  void (async () => {
    for await (const alert of vehicle.alerts()) {
      told.set(alert.id, (told.get(alert.id) ?? 0) + 1)
      alert.shown()
    }
  })()
  const startedAtMs = performance.now()
  return {
    drive() {
      const eastM = startM + ((performance.now() - startedAtMs) / 1_000) * speedMps
      vehicle.report({ ...eastOfBorder(eastM, northM), speedMps, headingDeg: 90 })
      return eastM
    },
    told,
    get hasMoved() {
      return serving.size === 1 && !serving.has(url)
    },
    get gapMs() {
      return gapMs
    },
    close() {
      isOver = true
      return vehicle.close()
    },
  }
}
