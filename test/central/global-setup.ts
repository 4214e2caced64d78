// Run once, before the tests of central and only if any of them is to run.
import type { TestProject } from 'vitest/node'
import { findPostgres, startPostgres } from './postgres-server.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real PostgreSQL server: that of DATABASE_URL's own machine is never touched. Undefined: there is none here. */
    readonly postgresUrl: string | undefined
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const programs = findPostgres()
  if (programs === undefined) {
    const line = 'NO POSTGRESQL: its tests cannot run, this machine lacks postgres and initdb; install them (Debian: postgresql)'
    if (process.env.CI === 'true') throw new Error(line)
    process.stderr.write(`\n!!! ${line}; SKIPPED\n\n`)
    project.provide('postgresUrl', undefined)
    return undefined
  }
  const server = await startPostgres(programs)
  project.provide('postgresUrl', server.url)
  return () => server.stop()
}
