export type { SpoolClock } from './clock.js'
export { nodeClock } from './clock.js'
export { createSpool } from './create-spool.js'
export type { Files, FolderLockResult, OpenFile } from './files.js'
export type { InspectOptions, SpoolReport, VerifyProgress } from './inspect-spool.js'
export { inspectSpool, verifySpool } from './inspect-spool.js'
export type { SpoolLimits } from './limits.js'
export { spoolLimits } from './limits.js'
export { nodeFiles } from './node-files.js'
export type { SegmentReport, SpoolDamage } from './segment-inspection.js'
export type {
  AppendResult,
  GapReason,
  ReadOptions,
  Retention,
  Spool,
  SpoolItem,
  SpoolOpening,
  SpoolOptions,
  SpoolPosition,
  SpoolReader,
  SpoolReaderOptions,
  SpoolRefusal,
  SpoolRefused,
} from './spool.js'
export type { SpoolErrorCode } from './spool-error.js'
export { SpoolError, spoolErrorCodes } from './spool-error.js'
export type { SpoolEvent } from './spool-event.js'
export { openSpoolReader } from './spool-reader.js'
