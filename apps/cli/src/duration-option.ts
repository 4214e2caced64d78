import { InvalidArgumentError, Option } from 'commander'

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A flag that takes a duration such as `30s`, `15m`, `1h` or `365d`, between two others, and gives ms. */
export function durationOption(
  flags: string,
  description: string,
  { min, max, fallback }: { min: string; max: string; fallback?: string },
) {
  const option = new Option(flags, `${description}, ${min} to ${max}`).argParser(text => {
    const ms = durationMs(text)
    if (ms >= durationMs(min) && ms <= durationMs(max)) return ms
    throw new InvalidArgumentError(`It must be a whole number with s, m, h or d (30s, 15m, 1h, 365d), ${min} to ${max}.`)
  })
  return fallback === undefined ? option : option.default(durationMs(fallback), fallback)
}

/** NaN for what is no duration. */
function durationMs(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text)
  return match === null ? Number.NaN : Number(match[1]) * unitsMs[match[2]!]!
}
