import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { CliError, exitCodes } from '../cli-error.js'

const line = z.object({ alert: z.string(), kind: z.enum(['new', 'update', 'end', 'gone']), vehicle: z.string(), atS: z.number() })

/** When each vehicle was first sent each alert, from a file that `evaluate --deliveries` wrote: by alert, then by vehicle. */
export async function readWarned(path: string): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  if (!existsSync(path)) throw new CliError(exitCodes.usage, `${path} does not exist`)
  const warned = new Map<string, Map<string, number>>()
  let number = 0
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (text === '') continue
    const { alert, kind, vehicle, atS } = lineOf(path, number, text)
    if (kind === 'end' || kind === 'gone') continue
    const byVehicle = warned.get(alert)
    if (byVehicle === undefined) warned.set(alert, new Map([[vehicle, atS]]))
    else if (!byVehicle.has(vehicle)) byVehicle.set(vehicle, atS)
  }
  return warned
}

function lineOf(path: string, number: number, text: string): z.infer<typeof line> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new CliError(exitCodes.usage, `${path}, line ${number}: is no JSON`, { cause: error })
  }
  const parsed = line.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CliError(exitCodes.usage, `${path}, line ${number}: ${issue?.path.join('.')}: ${issue?.message}`)
}
