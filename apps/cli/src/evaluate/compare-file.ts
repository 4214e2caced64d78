/*
 * `--compare`: another run over the same trace to tell the differences to. A file with `alerts` is what an earlier run printed with --json;
 * any other is a configuration, and the trace is run once more with it.
 */
import { z } from 'zod'
import { CliError, exitCodes } from '../cli-error.js'
import type { ComparedAlert } from '../scoring/compare-alerts.js'
import { configOf, readJsonFile } from './config-file.js'
import type { ReplayPolicies } from './replay-trace.js'

const earlierRun = z.object({
  alerts: z.array(
    z.object({
      id: z.string(),
      cause: z.number(),
      subCause: z.number(),
      lat: z.number(),
      lon: z.number(),
      issuedAtS: z.number(),
      endedAtS: z.number().nullable(),
      endReason: z.string().nullable(),
      verdict: z.string(),
    }),
  ),
})

export type ComparedRun =
  | { readonly kind: 'run'; readonly alerts: readonly ComparedAlert[] }
  | { readonly kind: 'config'; readonly policies: ReplayPolicies }

/** @param path true = the flag was given without a file: the start values. @throws CliError naming what is wrong */
export function readComparedRun(path: string | true): ComparedRun {
  if (path === true) return { kind: 'config', policies: {} }
  const value = readJsonFile(path)
  if (typeof value !== 'object' || value === null || !('alerts' in value)) return { kind: 'config', policies: configOf(path, value) }
  const parsed = earlierRun.safeParse(value)
  if (parsed.success) return { kind: 'run', alerts: parsed.data.alerts }
  const [issue] = parsed.error.issues
  throw new CliError(exitCodes.usage, `${path}: is not what evaluate --json prints: ${issue?.path.join('.')}: ${issue?.message}`)
}
