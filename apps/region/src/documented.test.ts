// docs/region.md lists what there is: settings and metrics.
import { readFileSync } from 'node:fs'
import type { Metrics } from '@outrider/service'
import { expect, test } from 'vitest'
import { observeRegion } from './region-metrics.js'
import { regionSettings } from './settings.js'

const page = readFileSync(new URL('../../../docs/region.md', import.meta.url), 'utf8')

test('every setting has its row, and every row is a setting', () => {
  const rows = [...page.matchAll(/^\| `(OUTRIDER_\w+)` *\|([^|]*)\|/gm)]
  expect(rows.map(([, name]) => name).sort()).toEqual(
    Object.values(regionSettings)
      .map(({ variable }) => variable)
      .sort(),
  )
  for (const { variable, type } of Object.values(regionSettings)) {
    const fallback = type.parse(undefined)
    const said = rows.find(([, name]) => name === variable)?.[2]?.trim()
    if (fallback !== undefined) expect(said, variable).toBe(String(fallback === false ? 0 : fallback))
  }
})

test('every metric is listed, and every one listed is there', () => {
  const names: string[] = []
  const metrics = { gauge: (name: string) => void names.push(name), counter: (name: string) => void names.push(name) } as unknown as Metrics
  observeRegion(metrics, {} as Parameters<typeof observeRegion>[1])
  const listed = page.slice(page.indexOf('## Metrics'), page.indexOf('## By hand'))
  expect([...listed.matchAll(/`(outrider_\w+)`/g)].map(([, name]) => name).sort()).toEqual(names.sort())
})
