import { outrider } from '@outrider/protocol'
import type { AlertIdentity, StandingAlert } from './alert-entry.js'

const { IssuerRole } = outrider.v1

/** Operator before partner before detected. */
const ranks: Readonly<Record<number, number>> = {
  [IssuerRole.ISSUER_ROLE_OPERATOR]: 0,
  [IssuerRole.ISSUER_ROLE_PARTNER]: 1,
  [IssuerRole.ISSUER_ROLE_DETECTED]: 2,
}

/** Order of identities: by node (UTF-16 code units), then boot, then sequence. */
function compareIdentities(a: AlertIdentity, b: AlertIdentity): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1
  return a.boot - b.boot || a.sequence - b.sequence
}

/**
 * Which of two alerts for one hazard stays: one whose origin is alive before one whose is not, then operator before partner before
 * detected, then the smaller identity. All who see the same two, and the same origins alive, choose the same one.
 */
export function chooseSurvivor<Area>(
  a: StandingAlert<Area>,
  b: StandingAlert<Area>,
  isAlive: (id: AlertIdentity) => boolean,
): { readonly stays: StandingAlert<Area>; readonly ends: StandingAlert<Area> } {
  const order = Number(isAlive(b.id)) - Number(isAlive(a.id)) || rank(a) - rank(b) || compareIdentities(a.id, b.id)
  return order <= 0 ? { stays: a, ends: b } : { stays: b, ends: a }
}

function rank(entry: StandingAlert<unknown>): number {
  return ranks[entry.alert.issuerRole ?? 0] ?? 3
}
