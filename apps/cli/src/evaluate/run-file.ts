/** What an earlier `outrider evaluate --json` printed, as far as it is read back. */
import { z } from 'zod'
import { CliError, exitCodes } from '../cli-error.js'

const earlierRun = z.object({
  alerts: z.array(
    z.object({
      id: z.string(),
      cause: z.number(),
      subCause: z.number(),
      lat: z.number(),
      lon: z.number(),
      headingDeg: z.number().nullable(),
      issuedAtS: z.number(),
      endedAtS: z.number().nullable(),
      endReason: z.string().nullable(),
      verdict: z.string(),
    }),
  ),
})

export type EarlierRun = z.infer<typeof earlierRun>

/** @throws CliError naming the field that is not as it should be */
export function runOf(path: string, value: unknown): EarlierRun {
  const parsed = earlierRun.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CliError(exitCodes.usage, `${path}: is not what evaluate --json prints: ${issue?.path.join('.')}: ${issue?.message}`)
}
