/*
 * `--config`: thresholds of detection and settings of the zone as JSON, `{"detection": {…}, "zone": {…}}`. Which there are and what they may be
 * is the policies' own to say; an unknown name or a value out of range is refused by its name.
 */
import { createDetectionPolicy, DetectionError } from '@outrider/detection'
import { createZonePolicy, ZoneError } from '@outrider/zone'
import { z } from 'zod'
import { CliError, exitCodes } from '../cli-error.js'
import { readJsonFile } from './json-file.js'
import type { ReplayPolicies } from './replay-trace.js'

const numbers = z.record(z.string(), z.number())
const config = z.strictObject({ detection: numbers.optional(), zone: numbers.optional() })

/** @throws CliError naming the file, and what in it is wrong */
export function readConfigFile(path: string): ReplayPolicies {
  return configOf(path, readJsonFile(path))
}

export function configOf(path: string, value: unknown): ReplayPolicies {
  const parsed = config.safeParse(value)
  if (!parsed.success) throw wrong(path, parsed.error.issues.map(issueText).join('; '))
  const { detection, zone } = parsed.data
  try {
    createDetectionPolicy(detection)
    createZonePolicy(zone)
  } catch (error) {
    if (error instanceof DetectionError || error instanceof ZoneError) throw wrong(path, error.message, error)
    throw error
  }
  return { ...(detection === undefined ? {} : { detection }), ...(zone === undefined ? {} : { zone }) }
}

function issueText({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  const field = path.map(String).join('.')
  return field === '' ? `${message}; allowed are detection and zone` : `${field}: ${message}`
}

function wrong(path: string, what: string, cause?: unknown): CliError {
  return new CliError(exitCodes.usage, `${path}: ${what}`, { cause })
}
