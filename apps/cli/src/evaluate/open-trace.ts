import { createReadStream, existsSync, statSync } from 'node:fs'
import { type Origin, readTrace, readTruth, type TraceReading, type TraceSource, TrafficError, type TruthReading } from '@outrider/traffic'
import { CliError, exitCodes } from '../cli-error.js'

/** A recording from a file, or from standard input if the name is `-`. Errors are those of the command line. */
export function openTrace(file: string, origin?: Origin): TraceReading {
  const reading = readTrace(open(file), { origin })
  return { samples: withFile(file, reading.samples), report: reading.report }
}

export async function readTruthFile(file: string): Promise<TruthReading> {
  try {
    return await readTruth(open(file))
  } catch (error) {
    throw named(file, error)
  }
}

function open(file: string): TraceSource {
  if (file === '-') return process.stdin
  if (!existsSync(file)) throw new CliError(exitCodes.usage, `${file} does not exist`)
  if (statSync(file).isDirectory()) throw new CliError(exitCodes.usage, `${file} is a folder; name a file`)
  return createReadStream(file)
}

async function* withFile<T>(file: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items
  } catch (error) {
    throw named(file, error)
  }
}

function named(file: string, error: unknown): unknown {
  if (!(error instanceof TrafficError)) return error
  const hint = error.code === 'origin_missing' ? ' (--origin LAT,LON)' : ''
  return new CliError(error.retriable ? exitCodes.failed : exitCodes.usage, `${file}: ${error.message}${hint}`, { cause: error })
}
