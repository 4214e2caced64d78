// Run once, before the tests that drive a browser and only if any of them is to run.
import type { TestProject } from 'vitest/node'
import { ensureChromium } from '../../scripts/chromium/chromium.mjs'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the program. Undefined: there is none. */
    readonly chromium: string | undefined
  }
}

export function setup(project: TestProject): void {
  const found = ensureChromium(text => process.stderr.write(`outrider: ${text}\n`))
  const program = 'program' in found ? found.program : undefined
  if ('missing' in found) {
    const line = `NO BROWSER: the SDK's tests in one cannot run, this machine lacks ${found.missing}`
    if (process.env.CI === 'true') throw new Error(line)
    process.stderr.write(`\n!!! ${line}; SKIPPED\n\n`)
  }
  project.provide('chromium', program)
}
