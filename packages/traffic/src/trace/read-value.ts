import type { NumberColumn } from './columns.js'
import type { TraceReason } from './trace-counts.js'

/** A value, `undefined` for a missing one, or why it is not taken. */
export type ValueResult<T> = T | undefined | { readonly reason: TraceReason }

const textCharsMax = 128

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** True for what means "no value": absent, empty, null or NaN. */
export function isMissing(raw: unknown): boolean {
  if (typeof raw === 'string') return raw === '' || isMissingWord(raw)
  return raw === undefined || raw === null || Number.isNaN(raw)
}

function isMissingWord(raw: string): boolean {
  // Most values are numbers; what begins with a digit, a sign or a point is no word.
  const first = raw.charCodeAt(0)
  if ((first >= 43 && first <= 57) || raw.length > 16) return false
  const word = raw.trim().toLowerCase()
  return word === '' || word === 'null' || word === 'nan'
}

/** Reads a number strictly: decimal notation only (no hexadecimal, no comma, no Infinity), in range, not a standard's "unavailable". */
export function readNumber(raw: unknown, column: NumberColumn): ValueResult<number> {
  if (isMissing(raw)) return undefined
  const text = typeof raw === 'string' ? raw.trim() : raw
  const value = typeof text === 'string' && decimal.test(text) ? Number(text) : text
  if (typeof value !== 'number' || !Number.isFinite(value)) return { reason: 'bad_number' }
  if (column.unavailable?.some(number => isSame(number, value))) return { reason: 'unavailable_value' }
  if (value < column.min || value > column.max) return { reason: 'out_of_range' }
  if (column.whole && !Number.isInteger(value)) return { reason: 'bad_number' }
  return value
}

/** Equal up to what multiplying an integer by its unit does to the last digits. */
function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.abs(a)
}

/** Reads a name or an identity: 1..128 characters without control characters or traces of broken encoding. */
export function readText(raw: unknown): ValueResult<string> {
  if (isMissing(raw)) return undefined
  const text = typeof raw === 'number' ? String(raw) : raw
  if (typeof text !== 'string') return { reason: 'bad_text' }
  const trimmed = text.trim()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (trimmed.length > textCharsMax || /[\u0000-\u001f\u007f\ufffd]/.test(trimmed)) return { reason: 'bad_text' }
  return trimmed
}

/** Reads one of a list of names, in the list's own spelling. */
export function readName<T extends string>(raw: unknown, names: readonly T[]): ValueResult<T> {
  const text = readText(raw)
  if (typeof text !== 'string') return text
  const wanted = text.toLowerCase()
  return names.find(name => name.toLowerCase() === wanted) ?? { reason: 'unknown_name' }
}

export function isRejected(result: unknown): result is { readonly reason: TraceReason } {
  return typeof result === 'object' && result !== null && 'reason' in result
}

/** A column and its value for a report; not for columns that name a vehicle. */
export function example(column: string, raw: unknown): string {
  return `${column}=${JSON.stringify(raw)?.slice(0, 60)}`
}
