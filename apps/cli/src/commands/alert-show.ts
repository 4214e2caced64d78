import { alertMethods, encodeJson, type outrider } from '@outrider/protocol'
import { Argument, Command } from 'commander'
import { readAlertId } from '../alert/alert-content.js'
import { alertLines, idOf, stateOf } from '../alert/alert-words.js'
import { regionLedgerLines } from '../alert/ledger-words.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

/** `outrider alert show` */
export function alertShowCommand(): Command {
  const command = new Command('show')
    .description('show everything the region knows of an alert, and what became of its deliveries')
    .addArgument(new Argument('<id>', 'the alert').argParser(readAlertId))
    .action(show)
  return addRegionOptions(command)
}

async function show(alertId: outrider.v1.AlertId.$Properties, options: RegionOptions): Promise<void> {
  await withRegion(options, async ({ client }) => {
    const { alert: live } = await client.call(alertMethods.get, { alertId })
    const ledger = await client.call(alertMethods.getLedger, { alertId })
    if (options.json)
      return print(JSON.stringify({ ...encodeJson('LiveAlert', live ?? {}), ledger: encodeJson('AlertServiceGetLedgerResponse', ledger) }))
    const id = idOf(live?.alert ?? {})
    print(
      [
        `${id}: ${stateOf(live ?? {})}`,
        ...alertLines(live ?? {}),
        '',
        ...regionLedgerLines(ledger),
        '',
        `  outrider alert ledger ${id}`,
      ].join('\n'),
    )
  })
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
