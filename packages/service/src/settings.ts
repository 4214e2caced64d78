import type { z } from 'zod'

/** One environment variable: how it is read, what it defaults to, and what to tell a person who got it wrong. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly variable: string
  /** Reads the text. Gets `undefined` when the variable is unset or empty, so defaults belong here. */
  readonly type: z.ZodType<T>
  /** What is allowed, with unit and range, in words that fit after "must be". */
  readonly allowed: string
  /** Why the setting exists, and why its default is what it is. */
  readonly why: string
  /** True keeps the value out of every message. */
  readonly secret?: boolean
}

/** A table of settings, keyed by the name the value gets. */
export type Settings<T> = { readonly [Key in keyof T]: Setting<T[Key]> }

/** A wrong environment value. `text` is one line with name, value and what is allowed. */
export interface SettingProblem {
  readonly variable: string
  readonly text: string
}

export type SettingsResult<T> =
  | { readonly ok: true; readonly value: Readonly<T> }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] }

/**
 * Reads a whole table of settings from an environment: partial in, frozen and complete out, or every problem at once.
 * An empty variable counts as unset, as in POSIX shells and Kubernetes manifests.
 */
export function readSettings<T>(settings: Settings<T>, environment: Readonly<Record<string, string | undefined>>): SettingsResult<T> {
  const value: Partial<T> = {}
  const problems: SettingProblem[] = []
  for (const key of Object.keys(settings) as (keyof T)[]) {
    const setting = settings[key]
    const text = environment[setting.variable] || undefined
    const parsed = setting.type.safeParse(text)
    if (parsed.success) value[key] = parsed.data
    else problems.push({ variable: setting.variable, text: describe(setting, text) })
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: Object.freeze(value as T) }
}

function describe(setting: Setting<unknown>, text: string | undefined): string {
  const shown = text === undefined ? 'unset' : setting.secret === true ? '(secret)' : JSON.stringify(text)
  return `${setting.variable} is ${shown}; must be ${setting.allowed}`
}
