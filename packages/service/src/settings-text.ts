import type { Setting, Settings } from './settings.js'

/** Terminals have 80 columns at least. */
const columns = 78
const indent = '      '

/** Tables of settings for a person at a terminal: each variable with its default, what is allowed and why. Ends with a line break. */
export function settingsText(...tables: readonly Settings<unknown>[]): string {
  const settings = tables.flatMap(table => Object.values<Setting<unknown>>(table))
  return settings
    .map(setting => `  ${setting.variable} (${fallbackOf(setting)})\n${wrapped(`${setting.allowed}. ${setting.why}`)}\n`)
    .join('')
}

function fallbackOf({ type }: Setting<unknown>): string {
  const parsed = type.safeParse(undefined)
  if (!parsed.success) return 'needed'
  const { data } = parsed
  const shown = typeof data === 'boolean' ? Number(data) : Array.isArray(data) ? data.join() : (data ?? '')
  return String(shown) || 'unset'
}

function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map(line => indent + line).join('\n')
}
