/** What central answers with instead of what was asked for, by RFC 9457: status, title, and a name that stays. docs/central.md has the table. */
export const problems = {
  not_found: { status: 404, title: 'There is nothing here' },
  alert_unknown: { status: 404, title: 'There is no such alert' },
  method_not_allowed: { status: 405, title: 'Only GET is answered here' },
  parameter_invalid: { status: 400, title: 'A parameter of the query is not valid' },
  target_too_long: { status: 414, title: 'The URL is too long' },
  rate_exceeded: { status: 429, title: 'Too many requests from this address' },
  store_unavailable: { status: 503, title: 'The store does not answer at the moment' },
  failed: { status: 500, title: 'The answer could not be made' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

export type ProblemName = keyof typeof problems

export interface Problem {
  readonly problem: ProblemName
  /** What was wrong and what to do, for people. */
  readonly detail?: string
  /** Name of the parameter that is wrong. */
  readonly field?: string
  readonly retryAfterS?: number
}

/** `type` is relative to no host: it is a name, as RFC 9457 3.1.1 allows. */
export function problemResponse({ problem, detail, field, retryAfterS }: Problem): Response {
  const { status, title } = problems[problem]
  const body = {
    type: `urn:outrider:problem:${problem}`,
    title,
    status,
    ...(detail !== undefined && { detail }),
    ...(field !== undefined && { field }),
  }
  const headers = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
    ...(problem === 'method_not_allowed' && { allow: 'GET, HEAD, OPTIONS' }),
  }
  return new Response(`${JSON.stringify(body)}\n`, { status, headers })
}
