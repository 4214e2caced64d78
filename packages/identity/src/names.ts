import { IdentityError } from './identity-error.js'

// Names that go into tokens, SPIFFE ids and file names alike, so they keep to what all three allow (SPIFFE-ID §2.1, §2.2: lower case, no percent signs).

const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/
const allowed = '1 to 63 characters of a-z, 0-9, dot, underscore and hyphen, beginning and ending with a letter or digit'

export function isName(text: string): boolean {
  return namePattern.test(text)
}

/** Throws `bad_request` unless `text` can be the name of an authority, node or service. */
export function requireName(what: string, text: string): void {
  if (!isName(text)) throw new IdentityError('bad_request', `${what} is ${JSON.stringify(text)}; it must be ${allowed}`)
}
