import { printable } from './printable.js'

/** Columns as wide as their widest cell, two spaces apart, on standard output. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${tableLines(head, rows).join('\n')}\n`)
}

/** The same as lines; cells may be of foreign origin. */
export function tableLines(head: readonly string[], cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map(row => row.map(printable))
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)))
  return [head, ...rows].map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
