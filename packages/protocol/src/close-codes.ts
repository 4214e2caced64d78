/** Where a vehicle connects again: the URL the node named, the same node, a neighbour of the welcome, or by asking `GET /v1/locate`. */
export type ReconnectWhere = 'named' | 'same' | 'neighbour' | 'locate'

export interface CloseCode {
  /** WebSocket close code, 4000..4999. */
  readonly code: number
  /** Whether the vehicle connects again; `never` means that trying again cannot help before something has changed. */
  readonly reconnect: ReconnectWhere | 'never'
  /** Wait at least this long in ms, and up to as much again at random. A drain or error frame before the close may say otherwise. */
  readonly afterMs: number
  /** What happened, for people. */
  readonly meaning: string
}

/** 40xx go on elsewhere · 41xx overload · 42xx the vehicle did something wrong · 43xx identity. Numbers are never used for anything else. */
export const closeCodes = {
  draining: { code: 4000, reconnect: 'named', afterMs: 0, meaning: 'the node is about to stop' },
  moved: { code: 4001, reconnect: 'named', afterMs: 0, meaning: 'another node has become the primary link' },
  notResponsible: { code: 4002, reconnect: 'locate', afterMs: 0, meaning: 'the position belongs to another node' },
  unready: { code: 4003, reconnect: 'neighbour', afterMs: 500, meaning: 'the node cannot record and hands its vehicles on' },
  replaced: { code: 4004, reconnect: 'never', afterMs: 0, meaning: 'the same vehicle opened a newer session' },
  overloaded: { code: 4100, reconnect: 'same', afterMs: 5_000, meaning: 'the node is overloaded' },
  overRate: { code: 4101, reconnect: 'same', afterMs: 10_000, meaning: 'more reports than the session may send' },
  stalled: { code: 4102, reconnect: 'same', afterMs: 1_000, meaning: 'alerts were not acknowledged for 5 s, or no frame came to an end' },
  full: { code: 4103, reconnect: 'neighbour', afterMs: 5_000, meaning: 'the node takes no more vehicles' },
  malformed: { code: 4200, reconnect: 'same', afterMs: 30_000, meaning: 'too many frames that cannot be read' },
  tooLarge: { code: 4201, reconnect: 'same', afterMs: 30_000, meaning: 'a frame over its size limit' },
  helloExpected: { code: 4202, reconnect: 'same', afterMs: 10_000, meaning: 'no valid hello came first, or not in time' },
  implausible: { code: 4203, reconnect: 'same', afterMs: 60_000, meaning: 'too many reports that cannot be true' },
  tokenExpired: { code: 4300, reconnect: 'same', afterMs: 0, meaning: 'the token has expired; reconnect with a new one' },
  tokenRefused: { code: 4301, reconnect: 'never', afterMs: 0, meaning: 'the token is not valid here' },
} as const satisfies Record<string, CloseCode>

export type CloseCodeName = keyof typeof closeCodes
