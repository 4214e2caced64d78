export type { ApproachCounts, Arrival } from './approach.js'
export { atHazardM } from './approach.js'
export { createDeliveries } from './create-deliveries.js'
export type {
  Acknowledgement,
  Deliveries,
  DeliveriesOptions,
  DeliveryCounts,
  FlushResult,
  Held,
  PublishedAlert,
  SessionStart,
  TargetOutcome,
} from './deliveries.js'
export type { DeliveryErrorCode } from './delivery-error.js'
export { DeliveryError, deliveryErrorCodes } from './delivery-error.js'
export type { DeliveryFold, RecordedStep } from './delivery-fold.js'
export { foldStep, isWarned, mergeFolds } from './delivery-fold.js'
export type { DeliveryTransition } from './delivery-transition.js'
export { encodeTransition } from './delivery-transition.js'
export type { LedgerCounts, RevisionCounts } from './ledger.js'
export type { SendResult, SocketPort } from './socket-port.js'
export { sendResults } from './socket-port.js'
