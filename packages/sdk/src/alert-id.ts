import type { outrider as wire } from '@outrider/protocol'
import { formatAlertKey } from '@outrider/protocol'

const utf8 = new TextEncoder()

/**
 * Key of an alert's identity; undefined if it is none that a node takes back: 1..64 bytes of node without a slash, sequence from 1.
 * A longer one would also burst the bounds of a hello.
 */
export function readAlertKey(id: wire.v1.AlertId.$Properties | null | undefined): string | undefined {
  const node = id?.node ?? ''
  if (id == null || node === '' || node.includes('/') || !((id.sequence ?? 0) >= 1)) return undefined
  return utf8.encode(node).length <= 64 ? formatAlertKey(id) : undefined
}
