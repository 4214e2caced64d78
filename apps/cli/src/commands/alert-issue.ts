import { randomUUID } from 'node:crypto'
import { alertMethods, encodeJson, findCause, zoneMethods } from '@outrider/protocol'
import { Command } from 'commander'
import { addContentOptions, type ContentOptions, contentOf } from '../alert/alert-content.js'
import { alertLines, causeWords, idOf } from '../alert/alert-words.js'
import { requestIdOption, validityOption } from '../alert/request-options.js'
import { zonesReached } from '../alert/zones-reached.js'
import { CliError, exitCodes } from '../cli-error.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

interface IssueOptions extends RegionOptions, ContentOptions {
  readonly validity?: number
  readonly requestId?: string
}

/** `outrider alert issue` */
export function alertIssueCommand(): Command {
  const command = new Command('issue')
    .description('issue an alert to the vehicles of every zone it reaches')
    .addOption(validityOption('default: the cause’s'))
    .addOption(requestIdOption())
    .action(issue)
  addContentOptions(command).addHelpText('after', examples)
  return addRegionOptions(command)
}

const examples = `
Examples:
  outrider alert issue --cause 94 --sub-cause 2 --at 53.55,9.99 --radius 50
  outrider alert issue --cause roadworks --area works.geojson --validity 8h \\
    --text de="Baustelle" --text en="Road works"`

async function issue(options: IssueOptions): Promise<void> {
  const alert = contentOf(options)
  const cause = alert.cause?.code ?? 0
  if (options.validity === undefined && findCause(cause)?.defaults?.validityS === undefined)
    throw new CliError(exitCodes.usage, `--validity is missing; ${causeWords(cause)} has no default: for how long, such as 10m?`)
  const requestId = options.requestId ?? randomUUID()
  await withRegion(
    options,
    async ({ client, name }) => {
      const { alert: live } = await client.call(alertMethods.issue, { requestId, alert, validityMs: options.validity ?? null })
      // It is issued, whatever becomes of this question.
      const zones = await client.call(zoneMethods.list, {}).catch(() => undefined)
      if (zones?.table != null && zonesReached(alert, zones.table).length === 0) process.stderr.write(nobodyWarned(name))
      if (options.json) return print(JSON.stringify({ requestId, ...encodeJson('LiveAlert', live ?? {}) }))
      const id = idOf(live?.alert ?? {})
      print([`Issued ${id}`, ...alertLines(live ?? {}), '', `  outrider alert show ${id}`, `  outrider alert end ${id}`].join('\n'))
    },
    requestId,
  )
}

/** Most often latitude and longitude that changed places. */
function nobodyWarned(region: string): string {
  return `outrider: warning: it reaches no zone of ${region}, so nobody is warned. Is its place right? --at takes latitude first, GeoJSON longitude\n`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
