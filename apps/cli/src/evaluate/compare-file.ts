/*
 * `--compare`: another run over the same trace to tell the differences to. A file with `alerts` is what an earlier run printed with --json;
 * any other is a configuration, and the trace is run once more with it.
 */
import type { ComparedAlert } from '../scoring/compare-alerts.js'
import { configOf } from './config-file.js'
import { readJsonFile } from './json-file.js'
import type { ReplayPolicies } from './replay-trace.js'
import { runOf } from './run-file.js'

export type ComparedRun =
  | { readonly kind: 'run'; readonly alerts: readonly ComparedAlert[] }
  | { readonly kind: 'config'; readonly policies: ReplayPolicies }

/** @param path true = the flag was given without a file: the start values. @throws CliError naming what is wrong */
export function readComparedRun(path: string | true): ComparedRun {
  if (path === true) return { kind: 'config', policies: {} }
  const value = readJsonFile(path)
  if (typeof value !== 'object' || value === null || !('alerts' in value)) return { kind: 'config', policies: configOf(path, value) }
  return { kind: 'run', alerts: runOf(path, value).alerts }
}
