import { randomBytes } from 'node:crypto'
import { nodeFiles } from '@outrider/spool'
import { describe, inject } from 'vitest'
import { createPgStore } from '../../apps/central/src/store/pg-store.js'
import { createPgliteStore } from '../../apps/central/src/store/pglite-store.js'
import type { Store } from '../../apps/central/src/store/store.js'
import { createDatabase } from './postgres-server.js'

/** Runs the same tests on both databases; each store is new and empty, not started. */
export function describeStores(name: string, tests: (createStore: () => Promise<Store>) => void): void {
  const postgresUrl = inject('postgresUrl')
  describe(`${name}, embedded`, () => tests(async () => createPgliteStore({ folder: undefined, files: nodeFiles })))
  describe.skipIf(postgresUrl === undefined)(`${name}, PostgreSQL`, () =>
    tests(async () => {
      const url = await createDatabase(postgresUrl ?? '', `test_${randomBytes(6).toString('hex')}`)
      return createPgStore({ url, onEvent: () => {} })
    }),
  )
}
