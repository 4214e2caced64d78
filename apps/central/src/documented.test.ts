// docs/central.md lists what there is: settings, metrics, problems, reasons of dead letters, sub-causes of the standard.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Metrics } from '@outrider/service'
import { expect, test } from 'vitest'
import { limitDefault, limitMax } from './api/alert-query.js'
import { problems } from './api/problem.js'
import { subCauseName } from './api/sub-causes.js'
import { deadReasons } from './apply/read-record.js'
import { observeCentral } from './central-metrics.js'
import { centralSettings } from './settings.js'
import { storeErrorCodes } from './store/store-error.js'

const page = readFileSync(new URL('../../../docs/central.md', import.meta.url), 'utf8')

test('every setting has its row with its default, and every row is a setting', () => {
  const rows = [...page.matchAll(/^\| `((?:OUTRIDER|DATABASE)_\w+)` *\|([^|]*)\|/gm)]
  expect(rows.map(([, name]) => name).sort()).toEqual(
    Object.values(centralSettings)
      .map(({ variable }) => variable)
      .sort(),
  )
  for (const { variable, type } of Object.values(centralSettings)) {
    const fallback = type.parse(undefined)
    const said = rows.find(([, name]) => name === variable)?.[2]?.trim()
    if (fallback !== undefined) expect(said, variable).toBe(String(fallback))
  }
})

test('every metric is listed, and every one listed is there', () => {
  const names: string[] = []
  const metrics = { gauge: (name: string) => void names.push(name), counter: (name: string) => void names.push(name) } as unknown as Metrics
  observeCentral(metrics, {} as Parameters<typeof observeCentral>[1])
  const listed = page.slice(page.indexOf('## Metrics'))
  expect([...listed.matchAll(/`(outrider_\w+)`/g)].map(([, name]) => name).sort()).toEqual(names.sort())
})

test('the tables of problems, reasons and codes are those of the code', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` *\| (\d{3}|yes|no|–) *\|/gm)].map(([, name, value]) => [name, value])
  const statuses = Object.entries(problems).map(([name, { status }]) => [name, String(status)])
  const codes = Object.entries(storeErrorCodes).map(([name, { retriable }]) => [name, retriable ? 'yes' : 'no'])
  const reasons = Object.keys(deadReasons).map(name => [name, '–'])
  expect(rows).toEqual([...statuses, ...reasons, ...codes])
  expect(page).toContain(`1 to ${limitMax}, default ${limitDefault}`)
})

const standard = path.join(
  process.env.OUTRIDER_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url)),
  'etsi/asn1/release2/TS102894-2v241-CDD.asn',
)

test.skipIf(!existsSync(standard))('sub-causes have the standard’s names (skipped: no ../shared/data)', () => {
  const text = readFileSync(standard, 'latin1')
  const choice = /CauseCodeChoice\s*::=\s*CHOICE\s*\{([\s\S]*?)\n\}/.exec(text)![1]!
  let compared = 0
  for (const [, cause, type] of choice.matchAll(/[A-Za-z][\w-]*?(\d+)\s+([\w-]+SubCauseCode\w*)/g)) {
    const body = new RegExp(`(?<![\\w-])${type}\\s*::=\\s*INTEGER\\s*\\{([\\s\\S]*?)\\}`).exec(text)?.[1]?.replace(/--.*/g, '')
    for (const [, name, number] of body?.matchAll(/([A-Za-z][\w-]*)\s*\((\d+)\)/g) ?? []) {
      const ours = subCauseName(Number(cause), Number(number))
      if (number === '0' || /reserved/i.test(name!) || cause === '93') expect(ours, `${cause}/${number}`).toBeUndefined()
      else
        expect(ours?.toLowerCase(), `${cause}/${number}`).toBe(
          name!
            .replace(/-deprecated.*/i, '')
            .replaceAll('-', '')
            .toLowerCase(),
        )
      compared++
    }
  }
  expect(compared).toBeGreaterThan(200)
})
