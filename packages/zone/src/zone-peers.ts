import type { AlertChange, AlertIdentity } from '@outrider/alerts'
import type { CompiledArea } from '@outrider/geo'
import type { outrider } from '@outrider/protocol'

/**
 * What a zone knows of other nodes, and tells them. The questions are inputs as clocks are: a replay that answers them alike gives the same
 * alerts. Called synchronously, within the zone's own calls; none may call the zone back before it has returned.
 */
export interface ZonePeers {
  /** False if the process that issued an alert is known to be gone. @param writtenMs when the alert's revision was written, wall time */
  isAlive(id: AlertIdentity, writtenMs: number): boolean
  /** True if this node is the acting owner of a position, or nobody else is known to be. */
  actsAt(latitudeE7: number, longitudeE7: number): boolean
  /** True if another node acts there, and is linked: evidence reaches it. */
  isLeftToPeer(latitudeE7: number, longitudeE7: number): boolean
  /**
   * Nodes that evidence goes to: the origin of the alert it is of, else who acts there, and near a border those of both sides; less this
   * node. @param of an active alert of this node or another
   */
  evidenceTo(latitudeE7: number, longitudeE7: number, of: AlertIdentity | undefined): readonly string[]
  tellEvidence(evidence: outrider.v1.Evidence.$Properties, nodes: readonly string[]): void
  /** What was issued, revised or ended: `made` here it is to be told, elsewhere it has been. */
  tell(change: AlertChange<CompiledArea>): void
}

/** A node that has no others. */
export const noPeers: ZonePeers = {
  isAlive: () => true,
  actsAt: () => true,
  isLeftToPeer: () => false,
  evidenceTo: () => [],
  tellEvidence() {},
  tell() {},
}
