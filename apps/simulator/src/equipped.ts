/**
 * Whether a vehicle has a connection when a share of them does: fnv1a32(seed + ":" + id) / 2^32 < share, over the text's UTF-8 bytes. A smaller
 * share is a part of a larger one.
 */
export function isEquipped(id: string, share: number, seed: number): boolean {
  return fnv1a32(`${seed}:${id}`) / 2 ** 32 < share
}

/** FNV-1a, 32 bits (offset basis 2166136261, prime 16777619). */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
