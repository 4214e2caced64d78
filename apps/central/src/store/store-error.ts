/** Every reason a store gives, with whether the same call may succeed later. */
export const storeErrorCodes = {
  /** The database does not answer, is starting, is full, or broke the connection. */
  unavailable: { retriable: true },
  /** The database does not take these values: the record's fault, not the database's. */
  data_refused: { retriable: false },
  /** Another live process has the embedded store's folder. */
  store_in_use: { retriable: true },
  /** The tables were made by a later version of this program. */
  newer_version: { retriable: false },
} as const

export type StoreErrorCode = keyof typeof storeErrorCodes

/** A store's failure: the message says what is wrong and what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly retriable: boolean

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
    this.retriable = storeErrorCodes[code].retriable
  }
}

/** Classes of SQLSTATE that are about the values given: data, constraints, limits of a row. */
const dataClasses: readonly string[] = ['22', '23', '54']

/** What a driver threw, as ours. Both drivers give PostgreSQL's SQLSTATE as `code`. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const message = error instanceof Error ? error.message || code || error.name : String(error)
  const isData = code.length === 5 && dataClasses.includes(code.slice(0, 2))
  return new StoreError(isData ? 'data_refused' : 'unavailable', message, { cause: error })
}
