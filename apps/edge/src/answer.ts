import { type Problem, problems, problemText } from './problem.js'

/** An HTTP answer, whole. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n`, headers: { 'cache-control': 'no-store' } }
}

export function problemAnswer(found: Problem): Answer {
  const headers = found.retryAfterS === undefined ? {} : { 'retry-after': String(found.retryAfterS) }
  return { status: problems[found.problem].status, type: 'application/problem+json', body: problemText(found), headers }
}
