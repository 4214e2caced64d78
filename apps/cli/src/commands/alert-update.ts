import { randomUUID } from 'node:crypto'
import { alertMethods, encodeJson, type outrider } from '@outrider/protocol'
import { Argument, Command } from 'commander'
import { addContentOptions, type ContentOptions, contentOf, namesContent, readAlertId } from '../alert/alert-content.js'
import { alertLines, idOf } from '../alert/alert-words.js'
import { expectedRevisionOption, requestIdOption, validityOption } from '../alert/request-options.js'
import { CliError, exitCodes } from '../cli-error.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

interface UpdateOptions extends RegionOptions, ContentOptions {
  readonly validity?: number
  readonly requestId?: string
  readonly expectedRevision?: number
}

/** `outrider alert update` */
export function alertUpdateCommand(): Command {
  const command = new Command('update')
    .description('write a new revision: what flags name changes, the rest stays')
    .addArgument(new Argument('<id>', 'the alert').argParser(readAlertId))
    .addOption(validityOption('default: unchanged'))
    .addOption(expectedRevisionOption('default: the one it is read with'))
    .addOption(requestIdOption())
    .action(update)
  return addRegionOptions(addContentOptions(command))
}

async function update(alertId: outrider.v1.AlertId.$Properties, options: UpdateOptions): Promise<void> {
  if (!namesContent(options) && options.validity === undefined)
    throw new CliError(exitCodes.usage, 'nothing to change: name a flag of the content, or --validity')
  const requestId = options.requestId ?? randomUUID()
  await withRegion(
    options,
    async ({ client }) => {
      const before = (await client.call(alertMethods.get, { alertId })).alert?.alert ?? {}
      const { alert: live } = await client.call(alertMethods.update, {
        requestId,
        alert: contentOf(options, before),
        expectedRevision: options.expectedRevision ?? before.revision ?? 0,
        validityMs: options.validity ?? null,
      })
      if (options.json) return print(JSON.stringify({ requestId, ...encodeJson('LiveAlert', live ?? {}) }))
      print([`Updated ${idOf(live?.alert ?? {})}`, ...alertLines(live ?? {})].join('\n'))
    },
    requestId,
  )
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
