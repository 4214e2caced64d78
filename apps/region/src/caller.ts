import type { PeerRole } from '@outrider/identity'
import { RpcFailure } from './rpc-failure.js'

/** Who calls, as its certificate says; `anyone` in development without keys. */
export interface Caller {
  readonly role: PeerRole | 'anyone'
  readonly name: string
}

/** Without keys everybody may do everything, which is said at start and in `/readyz`. */
export const anyone: Caller = { role: 'anyone', name: 'anyone' }

/** Operators and partners write alerts. @throws RpcFailure `permission_denied` */
export function requireIssuer({ role, name }: Caller): void {
  if (role === 'operator' || role === 'partner' || role === 'anyone') return
  throw new RpcFailure(
    'permission_denied',
    `${role} ${name} may read alerts, not write them; use a certificate of role operator or partner`,
  )
}

/** A node may drain its own log. @returns why not, else undefined */
export function whyNotNode({ role, name }: Caller, node: string): string | undefined {
  if (role === 'anyone' || (role === 'node' && name === node)) return undefined
  return `${role} ${name} may not drain the log of node ${node}; a node opens the uplink with its own certificate`
}
