/** What a node answers with instead of what was asked for, by RFC 9457: status, title, and a name that stays. docs/edge.md has the table. */
export const problems = {
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'Only GET is answered here' },
  position_invalid: { status: 400, title: 'lat and lon must be degrees' },
  position_outside: { status: 404, title: 'No zone of the table covers the position' },
  not_ready: { status: 503, title: 'The node takes no vehicles' },
  busy: { status: 503, title: 'Too many vehicles connect at this moment' },
  rate_exceeded: { status: 429, title: 'Too many requests from this address' },
  upgrade_expected: { status: 400, title: 'No upgrade was asked for' },
  subprotocol_unknown: { status: 400, title: 'No known subprotocol was offered' },
  token_in_url: { status: 400, title: 'A token does not belong in the URL' },
  token_missing: { status: 401, title: 'No token was presented' },
  token_refused: { status: 401, title: 'The token is not valid here' },
  origin_refused: { status: 403, title: 'Pages of this origin may not connect' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

type ProblemName = keyof typeof problems

export interface Problem {
  readonly problem: ProblemName
  /** What was wrong and what to do, for people; nothing of a token, a vehicle or a position. */
  readonly detail?: string
  readonly retryAfterS?: number
}

/** `type` is relative to no host: it is a name, as RFC 9457 3.1.1 allows. */
export function problemText({ problem, detail }: Problem): string {
  const { status, title } = problems[problem]
  return `${JSON.stringify({ type: `urn:outrider:problem:${problem}`, title, status, ...(detail === undefined ? {} : { detail }) })}\n`
}
