import type { outrider } from '@outrider/protocol'

type LiveAlert = outrider.v1.LiveAlert.$Properties
type LiveEnd = outrider.v1.LiveEnd.$Properties

/** The live registry, as the links to peers read it. What a peer says goes to `PeerEvents`. */
export interface PeerAlerts {
  /** What the peer should have, ended ones too. */
  digest(peer: string): readonly outrider.v1.DigestEntry.$Properties[]
  /** What to answer to a whole digest of the peer. */
  difference(
    peer: string,
    theirs: readonly outrider.v1.DigestEntry.$Properties[],
  ): {
    readonly alerts: readonly LiveAlert[]
    readonly ends: readonly LiveEnd[]
    readonly wanted: readonly outrider.v1.AlertId.$Properties[]
  }
  /** An alert or its end as it stands now, with what is left of it; undefined if it is not known any more. */
  live(key: string): { readonly alert: LiveAlert } | { readonly end: LiveEnd } | undefined
}
