import { describe, expect, it } from 'vitest'
import { readHandshake } from './handshake.js'

const bare = { query: '', protocols: 'outrider.v1', authorization: '', origin: '', connection: 'Upgrade' }

describe('a handshake', () => {
  const accepted = [
    ['the binary subprotocol', {}, 'outrider.v1', undefined],
    ['JSON', { protocols: 'outrider.v1.json' }, 'outrider.v1.json', undefined],
    ['the first known one of several', { protocols: 'mqtt, outrider.v1.json , outrider.v1' }, 'outrider.v1.json', undefined],
    ['a token in the header', { authorization: 'Bearer a.b.c' }, 'outrider.v1', 'a.b.c'],
    ['the scheme in any case', { authorization: 'bearer  a.b.c' }, 'outrider.v1', 'a.b.c'],
    ['a token as an entry', { protocols: 'outrider.v1, outrider.token.a.b.c' }, 'outrider.v1', 'a.b.c'],
    ['the header before the entry', { authorization: 'Bearer x', protocols: 'outrider.v1, outrider.token.y' }, 'outrider.v1', 'x'],
    ['an empty entry as none', { protocols: 'outrider.v1, outrider.token.' }, 'outrider.v1', undefined],
    ['another scheme as none', { authorization: 'Basic abc' }, 'outrider.v1', undefined],
    ['a query that has no token', { query: 'from=token' }, 'outrider.v1', undefined],
    ['an upgrade among other options', { connection: 'keep-alive, upgrade' }, 'outrider.v1', undefined],
    ['an origin that is allowed', { origin: 'https://map.example' }, 'outrider.v1', undefined],
  ] as const
  for (const [what, headers, subprotocol, token] of accepted) {
    it(`takes ${what}`, () => {
      expect(readHandshake({ ...bare, ...headers }, ['https://map.example'])).toEqual({ ok: true, request: { subprotocol, token } })
    })
  }

  const refused = [
    ['a connection to be closed', { connection: 'close' }, 'upgrade_expected'],
    ['a connection that says nothing', { connection: '' }, 'upgrade_expected'],
    ['no subprotocol', { protocols: '' }, 'subprotocol_unknown'],
    ['a token alone', { protocols: 'outrider.token.a' }, 'subprotocol_unknown'],
    ['a subprotocol in capitals', { protocols: 'Outrider.v1' }, 'subprotocol_unknown'],
    ['a token in the URL', { query: 'a=1&access_token=x' }, 'token_in_url'],
    ['another origin', { origin: 'https://map.example.evil' }, 'origin_refused'],
    ['the null origin', { origin: 'null' }, 'origin_refused'],
  ] as const
  for (const [what, headers, problem] of refused) {
    it(`refuses ${what}`, () => {
      expect(readHandshake({ ...bare, ...headers }, ['https://map.example'])).toMatchObject({ ok: false, problem })
    })
  }

  it('takes any origin where * stands', () => {
    expect(readHandshake({ ...bare, origin: 'https://anybody.example' }, ['*'])).toMatchObject({ ok: true })
  })
})
