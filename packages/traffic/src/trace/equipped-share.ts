/** The share of vehicles that report, drawn by name: the vehicles of a smaller share are among those of a larger one. */
export interface EquippedShare {
  /** 0..1; 1 keeps all. */
  readonly share: number
  readonly seed: number
}

/** A vehicle is kept if fnv1a32(seed + ":" + name) / 2^32 is below the share. */
export function isEquipped(vehicleId: string, { share, seed }: EquippedShare): boolean {
  return fnv1a32(`${seed}:${vehicleId}`) / 2 ** 32 < share
}

/** FNV-1a, 32 bit, over the text's UTF-8. */
export function fnv1a32(text: string): number {
  let hash = 0x811c_9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0
  return hash
}
