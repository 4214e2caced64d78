import { type EdgeSettings, edgeSettings } from './settings.js'

/** Why a node may not start as its keys are set, if so: without keys only where OUTRIDER_INSECURE=1 says so. */
export function checkKeys({ keyFile, insecure }: EdgeSettings): readonly string[] {
  const { variable, allowed } = edgeSettings.keyFile
  if (keyFile === undefined && !insecure) {
    return [`${variable} is unset; must be ${allowed}`, 'OUTRIDER_INSECURE=1 runs without keys, for development only']
  }
  if (keyFile !== undefined && insecure) return [`OUTRIDER_INSECURE is "1"; must be 0 or unset, as ${variable} is given`]
  return []
}
