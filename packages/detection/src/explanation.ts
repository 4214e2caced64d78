/*
 * Why a detector found something in a sample, or why not, for a person. A detector finds when all conditions of one of its ways are met; a
 * test holds that against what it does find. Never on the alert path.
 */

/** One thing that has to be so. */
interface Condition {
  /** With the value seen and the one needed: `stands for 3 s, needed 5 s`. */
  readonly text: string
  readonly isMet: boolean
}

/** One way in which a detector comes to a finding. */
export interface Way {
  readonly name: string
  readonly conditions: readonly Condition[]
}

export function condition(text: string, isMet: boolean): Condition {
  return { text, isMet }
}

/** For texts: 5000 → `5 s`. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${Math.round(ms / 100) / 10} s` : 'for ever'
}

/** True if this way leads to a finding. */
export function isOpen({ conditions }: Way): boolean {
  return conditions.every(({ isMet }) => isMet)
}
