/** Bounds of the links to peers, and what happens beyond them. */
export const peerLimits = Object.freeze({
  /** Four signs of life a second: three may be late before a peer is taken as gone. */
  heartbeatMs: 250,
  /** Who was not heard for so long is gone (design, 6). */
  goneMs: 1_000,
  /** A new stream brings its first message within this: a handshake of TLS, and its round trips. Else it is closed, and called anew: TCP alone asks again ever more seldom. */
  helloWithinMs: 2_000,
  /** Pause before an attempt: doubles with each failure up to the last, drawn between half and the whole. A peer that comes back is found within a second; one that stays away costs two or three attempts a second. */
  retryMsMin: 100,
  retryMsMax: 500,
  /** What was learned of one peer by a difference, others may lack too: all compare anew, so often at most. */
  learnedEveryMs: 2_000,
  /** As peer_service.proto says. */
  digestEntriesPerMessage: 4_096,
  /** Entries of one digest that are read: four registries of the default size, some 10 MB. Beyond, they are ignored and counted; the peer tells what is left. */
  digestEntriesMax: 65_536,
  /** Alerts and ends of one difference, in bytes; a longer one goes alone. At 1 Mbit/s half a second, so that a sign of life is never a second late behind it. */
  differenceBytesMax: 64 * 1_024,
  /** Evidence that waits for room: of more the oldest goes, counted. What waited longer than its peer takes to see it himself is worth nothing. */
  evidenceMax: 256,
  /** Evidence taken from one peer in a second: what 1,000 vehicles see in a jam across the border. Beyond, it is ignored and counted (`evidence_over_rate`). */
  evidencePerSecondMax: 1_000,
  /** Peers at once: a node in a grid of cities has eight. Of more in a table the first by name are linked. */
  peersMax: 64,
  /** Streams that have not said who they are. */
  strangersMax: 64,
})
