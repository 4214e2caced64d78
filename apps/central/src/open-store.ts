import path from 'node:path'
import { nodeFiles } from '@outrider/spool'
import { createPgStore } from './store/pg-store.js'
import { createPgliteStore } from './store/pglite-store.js'
import type { Store } from './store/store.js'

export interface StoreChoice {
  readonly databaseUrl: string | undefined
  readonly dataFolder: string
  readonly onEvent: (event: { readonly event: string }) => void
}

/** PostgreSQL where a URL is given, else the embedded one. Not started. */
export function openStore({ databaseUrl, dataFolder, onEvent }: StoreChoice): Store {
  if (databaseUrl !== undefined) return createPgStore({ url: databaseUrl, onEvent })
  return createPgliteStore({ folder: path.join(dataFolder, 'store'), files: nodeFiles })
}
