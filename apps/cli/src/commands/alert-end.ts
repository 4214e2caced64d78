import { randomUUID } from 'node:crypto'
import { alertMethods, encodeJson, outrider } from '@outrider/protocol'
import { Argument, Command, Option } from 'commander'
import { readAlertId } from '../alert/alert-content.js'
import { alertLines, idOf } from '../alert/alert-words.js'
import { expectedRevisionOption, requestIdOption } from '../alert/request-options.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

const { EndReason } = outrider.v1

const reasons = {
  cancelled: EndReason.END_REASON_CANCELLED,
  resolved: EndReason.END_REASON_RESOLVED,
  negated: EndReason.END_REASON_NEGATED,
} as const

interface EndOptions extends RegionOptions {
  readonly reason?: keyof typeof reasons
  readonly requestId?: string
  readonly expectedRevision?: number
}

/** `outrider alert end` */
export function alertEndCommand(): Command {
  const command = new Command('end')
    .description('end an alert, whoever issued it, at every vehicle that has it')
    .addArgument(new Argument('<id>', 'the alert').argParser(readAlertId))
    .addOption(new Option('--reason <why>', 'default: cancelled if it is your own, else negated').choices(Object.keys(reasons)))
    .addOption(expectedRevisionOption('default: whatever it is'))
    .addOption(requestIdOption())
    .action(end)
  return addRegionOptions(command)
}

async function end(alertId: outrider.v1.AlertId.$Properties, options: EndOptions): Promise<void> {
  const requestId = options.requestId ?? randomUUID()
  await withRegion(
    options,
    async ({ client }) => {
      const { alert: live } = await client.call(alertMethods.end, {
        requestId,
        alertId,
        expectedRevision: options.expectedRevision ?? null,
        reason: options.reason === undefined ? 0 : reasons[options.reason],
      })
      if (options.json) return print(JSON.stringify({ requestId, ...encodeJson('LiveAlert', live ?? {}) }))
      print([`Ended ${idOf(live?.alert ?? {})}`, ...alertLines(live ?? {})].join('\n'))
    },
    requestId,
  )
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
