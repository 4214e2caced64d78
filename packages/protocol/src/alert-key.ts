import type { outrider } from '../gen/outrider.js'

/**
 * An alert's identity as text, `node/boot/sequence` with the boot as eight hexadecimal digits: key of topics and maps.
 * Node names hold no slash, so that two alerts never share a key.
 */
export function formatAlertKey(id: outrider.v1.AlertId.$Properties): string {
  return `${id.node ?? ''}/${(id.boot ?? 0).toString(16).padStart(8, '0')}/${id.sequence ?? 0}`
}

/** Reads what `formatAlertKey` wrote; undefined if the text is not such a key. */
export function parseAlertKey(text: string): { readonly node: string; readonly boot: number; readonly sequence: number } | undefined {
  const parts = /^([^/]+)\/([0-9a-f]{8})\/(0|[1-9][0-9]{0,9})$/.exec(text)
  if (parts === null) return undefined
  const sequence = Number(parts[3])
  return sequence > 0xffff_ffff ? undefined : { node: parts[1]!, boot: Number.parseInt(parts[2]!, 16), sequence }
}
