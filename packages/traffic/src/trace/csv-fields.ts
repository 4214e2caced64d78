/**
 * Fields of one CSV line (RFC 4180 quoting), or undefined if its quotes do not close. A field holds no line break here: with one
 * allowed, a single stray quote would swallow the rows after it.
 */
export function csvFields(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  let at = 0
  for (;;) {
    const field = line[at] === '"' ? quotedField(line, at) : plainField(line, at)
    if (field === undefined) return undefined
    fields.push(field.text)
    if (field.end === line.length) return fields
    at = field.end + 1
  }
}

interface Field {
  readonly text: string
  /** Where the comma after it is, or the line's length. */
  readonly end: number
}

function plainField(line: string, start: number): Field | undefined {
  const comma = line.indexOf(',', start)
  const end = comma < 0 ? line.length : comma
  const text = line.slice(start, end)
  return text.includes('"') ? undefined : { text, end }
}

function quotedField(line: string, start: number): Field | undefined {
  let close = line.indexOf('"', start + 1)
  while (close >= 0 && line[close + 1] === '"') close = line.indexOf('"', close + 2)
  if (close < 0 || (close + 1 < line.length && line[close + 1] !== ',')) return undefined
  return { text: line.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 }
}
