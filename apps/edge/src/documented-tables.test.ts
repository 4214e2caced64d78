import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { problems } from './problem.js'
import { edgeSettings } from './settings.js'

const page = readFileSync(new URL('../../../docs/edge.md', import.meta.url), 'utf8')

/** First and second cells of the rows of docs/edge.md whose first cell is code that fits. */
function rowsOf(pattern: RegExp): string[][] {
  return page
    .split('\n')
    .map(line => line.split('|').map(cell => cell.trim()))
    .filter(([, first = '']) => pattern.test(first))
    .map(([, first = '', second = '']) => [first.slice(1, -1), second])
}

it('docs/edge.md lists every setting with its default, in order', () => {
  const table = Object.values(edgeSettings).map(({ variable, type }) => {
    const fallback: unknown = type.parse(undefined)
    const shown = typeof fallback === 'boolean' ? Number(fallback) : Array.isArray(fallback) ? fallback.join() : fallback
    return [variable, String(shown ?? '') || 'unset']
  })
  expect(rowsOf(/^`OUTRIDER_/)).toEqual(table)
})

it('docs/edge.md lists every problem with its status', () => {
  expect(rowsOf(/^`[a-z]+(?:_[a-z]+)*`$/)).toEqual(Object.entries(problems).map(([name, { status }]) => [name, String(status)]))
})
