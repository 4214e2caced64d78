import type { RecordedStep } from '@outrider/delivery'

/** A delivery at one node. */
export interface DeliveryKey {
  /** `formatAlertKey`. */
  readonly alert: string
  readonly revision: number
  /** Pseudonym. */
  readonly vehicle: string
  readonly node: string
}

/** A step, and the delivery it belongs to. */
export interface DeliveryStep extends DeliveryKey {
  readonly transition: RecordedStep
}
