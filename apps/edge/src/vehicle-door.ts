import type { Subprotocol } from '@outrider/protocol'
import type { Admission, Admit, RefusedAdmission } from './admission.js'
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
  /**
   * Whose token it is: at once, or a refusal later. A vehicle whose key had to be looked for is asked to come again, as a handshake can be
   * answered with a WebSocket only at once (docs/edge.md, "Opening a session"). Never throws or rejects.
   */
  admit(token: string | undefined, subprotocol: Subprotocol): Admission | Promise<RefusedAdmission>
  readonly counts: Readonly<Record<string, number>>
}

/** Tokens whose key is looked for at once: the file is read once a second at most, so that more means that it hangs. */
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
  const fault = (cause: unknown): RefusedAdmission => {
    count('fault')
    onFault(cause)
    return { ok: false, reason: 'fault', problem: 'not_ready', retryAfterS: 1 }
  }
  async function refuseLater(looking: Promise<Admission>): Promise<RefusedAdmission> {
    verifying++
    try {
      const admission = await looking
      count(`token_${admission.ok ? 'key_found' : admission.reason}`)
      if (!admission.ok) return admission
      return {
        ok: false,
        reason: 'key_found',
        problem: 'busy',
        detail: 'the key of the token was read just now; come again',
        retryAfterS: 1,
      }
    } catch (cause) {
      return fault(cause)
    } finally {
      verifying--
    }
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
    admit(token, subprotocol) {
      try {
        const admission = admit(token)
        if (admission instanceof Promise) return refuseLater(admission)
        count(admission.ok ? `opened_${subprotocol}` : `token_${admission.reason}`)
        return admission
      } catch (cause) {
        return fault(cause)
      }
    },
  }
}
