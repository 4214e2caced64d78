import type { PeerCredentials, PeerIdentity } from '@outrider/identity'
import { type OpenPeerLink, type Peers, peerMethod } from '@outrider/peer'
import { createStreamServer, openStream } from './grpc-streams.js'

export interface PeerStreamsOptions {
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
  /** Undefined: in the clear, for development; then everybody is who he says he is. */
  readonly tls: PeerCredentials | undefined
  /** Whose certificates count. */
  readonly authority: string
  readonly accept: Peers['accept']
}

/** Streams to a peer, which has to show the certificate of its name. */
export function createPeerOpening({ tls, authority }: Pick<PeerStreamsOptions, 'tls' | 'authority'>): OpenPeerLink {
  return (name, address, events) =>
    openStream({ method: peerMethod, address, tls, authority, role: 'node', name, called: 'the peer' }, events)
}

/** The port that peers call. */
export function createPeerServer({ accept, ...options }: PeerStreamsOptions) {
  return createStreamServer({ ...options, method: peerMethod, accept: (link, caller) => accept(link, name => whyNotNode(caller, name)) })
}

/** A node speaks for itself alone. */
function whyNotNode(caller: PeerIdentity | undefined, name: string): string | undefined {
  if (caller === undefined || (caller.role === 'node' && caller.name === name)) return undefined
  return `${caller.role} ${caller.name} may not speak for node ${name}`
}
