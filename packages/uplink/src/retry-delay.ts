/**
 * Pause before an attempt: doubles with each failure from `retryMsMin` to `retryMsMax`, and is drawn between half of that and the
 * whole, so that nodes that lost a region together do not come back together.
 *
 * @param failedAttempts from 1
 * @param random 0 ≤ r < 1
 */
export function retryDelayMs(
  failedAttempts: number,
  { retryMsMin, retryMsMax }: { readonly retryMsMin: number; readonly retryMsMax: number },
  random: () => number,
): number {
  const fullMs = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(failedAttempts - 1, 30))
  return fullMs * (0.5 + random() / 2)
}
