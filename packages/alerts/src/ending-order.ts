import { formatAlertKey } from '@outrider/protocol'
import type { Ending } from './alert-entry.js'

/**
 * Of two ends of one alert every process remembers the same one: the earlier, then the smaller reason, role and survivor. Which one it
 * is changes nothing but what is told about it.
 */
export function firstEnding(a: Ending, b: Ending): Ending {
  return compareEndings(a, b) <= 0 ? a : b
}

function compareEndings(a: Ending, b: Ending): number {
  return (
    (a.endedTimeMs ?? 0) - (b.endedTimeMs ?? 0) ||
    (a.reason ?? 0) - (b.reason ?? 0) ||
    (a.endedBy ?? 0) - (b.endedBy ?? 0) ||
    compareTexts(survivorKey(a), survivorKey(b))
  )
}

function survivorKey(ending: Ending): string {
  return ending.mergedInto == null ? '' : formatAlertKey(ending.mergedInto)
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
