import { SpoolError, type SpoolErrorCode } from '@outrider/spool'
import { EventLogError, type EventLogErrorCode } from './event-log-error.js'

const codes: Readonly<Record<SpoolErrorCode, EventLogErrorCode>> = {
  limit_invalid: 'invalid_record',
  locked: 'writer_in_use',
  folder_foreign: 'log_foreign',
  version_unsupported: 'log_foreign',
  damaged_beyond_reading: 'log_damaged',
  no_spool: 'unreachable',
  disk_failed: 'log_failed',
  disk_full: 'overloaded',
  failed: 'log_failed',
  closed: 'stopped',
  not_appended: 'log_failed',
}

/** A failure of the spool or the file system as ours. Anything else comes back as it is. */
export function fileFailure(error: unknown, doing: string): unknown {
  if (error instanceof SpoolError) return new EventLogError(codes[error.code], error.message, { cause: error })
  if (error instanceof Error && 'syscall' in error)
    return new EventLogError('log_failed', `${doing}: ${error.message}; check the disk and the rights on the folder`, { cause: error })
  return error
}
