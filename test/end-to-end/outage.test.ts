import { expect, it } from 'vitest'
import { expectNothingLostInAnOutage, outageS, outageTimeoutMs } from './outage.js'

it(`region and central killed for ${outageS} s, on the embedded event log`, { timeout: outageTimeoutMs }, async () => {
  expect.hasAssertions()
  await expectNothingLostInAnOutage()
})
