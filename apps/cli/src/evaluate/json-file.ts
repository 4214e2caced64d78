import { readFileSync } from 'node:fs'
import { CliError, exitCodes } from '../cli-error.js'

/** @throws CliError naming the file */
export function readJsonFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path} cannot be read`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(exitCodes.usage, `${path} is no JSON: ${why}`, { cause: error })
  }
}
