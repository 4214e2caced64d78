/** WebSocket subprotocols of the vehicle link: binary frames, and their canonical proto3 JSON twin as text frames. */
export const subprotocols = { binary: 'outrider.v1', json: 'outrider.v1.json' } as const

/** Browsers cannot set headers: there the token comes as a second subprotocol entry, this prefix and the JWT. It is never echoed. */
export const tokenSubprotocolPrefix = 'outrider.token.'

export type Subprotocol = (typeof subprotocols)[keyof typeof subprotocols]
