// docs/bad-input.md names a test for each kind of bad input: the test is there, under that name.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('docs/bad-input.md', root), 'utf8')
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| ') && !/^\| (-+|comes) /.test(line))
  .map(line => line.split(' | ').map(cell => cell.replace(/^\| | \|$/g, '').trim()))

describe('docs/bad-input.md', () => {
  it('has rows of what comes, the answer, where it is counted and its proof', () => {
    expect(rows.length).toBeGreaterThan(40)
    for (const row of rows)
      expect(
        row.filter(cell => cell !== ''),
        row.join('|'),
      ).toHaveLength(4)
  })

  it.each(rows.map(([what, , , proof]) => [what!, proof!]))('%s', (_, proof) => {
    const [, file, title] = /^`([^`]+)` (.+)$/.exec(proof)!
    const at = new URL(file!, root)
    expect(existsSync(at), `${file} is not there`).toBe(true)
    // As a title: on a line that begins a test, or ends the table of one.
    const titles = readFileSync(at, 'utf8')
      .split('\n')
      .filter(line => /^\s*(?:(?:it|test)[.(]|\]( as const)?\)\()/.test(line))
    expect(
      titles.some(line => line.includes(title!)),
      `${file} has no test “${title}”`,
    ).toBe(true)
  })
})
