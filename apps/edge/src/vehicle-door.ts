import type { Subprotocol } from '@outrider/protocol'
import type { Admission, Admit } from './admission.js'
import { type HandshakeHeaders, type HandshakeOutcome, readHandshake } from './handshake.js'
import type { Problem } from './problem.js'
import type { RequestLimits } from './request-limits.js'

export interface VehicleDoorOptions {
  readonly origins: readonly string[]
  readonly limits: RequestLimits
  readonly admit: Admit
  /** False while the node starts or stops. */
  readonly isOpen: () => boolean
  /** A fault of the node's own; what strangers send is counted instead. */
  readonly onFault: (cause: unknown) => void
}

/** Who may open a WebSocket. Everything refused is counted by its reason. */
export interface VehicleDoor {
  /** At once, before anything is verified. */
  judge(headers: HandshakeHeaders, address: string): HandshakeOutcome
  /** Whose token it is. Never rejects. */
  admit(token: string | undefined, subprotocol: Subprotocol): Promise<Admission>
  readonly counts: Readonly<Record<string, number>>
}

/** Tokens being verified at once: a signature takes 0.1 ms, so that more means that the thread pool or the key file hangs. */
const verifyingMax = 1_024

export function createVehicleDoor({ origins, limits, admit, isOpen, onFault }: VehicleDoorOptions): VehicleDoor {
  /** Names from the tables of problems and token refusals, so that there are few. */
  const counts: Record<string, number> = {}
  let verifying = 0
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  const refuse = (problem: Problem): HandshakeOutcome => {
    count(problem.problem)
    return { ok: false, ...problem }
  }
  return {
    counts,
    judge(headers, address) {
      const limit = limits.take(address)
      if (limit === 'address') return refuse({ problem: 'rate_exceeded', retryAfterS: 1 })
      if (limit === 'all' || verifying >= verifyingMax) return refuse({ problem: 'busy', retryAfterS: 2 })
      if (!isOpen()) return refuse({ problem: 'not_ready', retryAfterS: 1 })
      const outcome = readHandshake(headers, origins)
      if (!outcome.ok) count(outcome.problem)
      return outcome
    },
    async admit(token, subprotocol) {
      verifying++
      try {
        const admission = await admit(token)
        count(admission.ok ? `opened_${subprotocol}` : `token_${admission.reason}`)
        return admission
      } catch (cause) {
        count('fault')
        onFault(cause)
        return { ok: false, reason: 'fault', problem: 'not_ready', retryAfterS: 1 }
      } finally {
        verifying--
      }
    },
  }
}
