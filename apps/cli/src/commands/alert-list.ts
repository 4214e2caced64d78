import { alertMethods, encodeJson, type outrider } from '@outrider/protocol'
import { Command } from 'commander'
import { causeOf, duration, idOf, placeOf, priorityOf, stateOf } from '../alert/alert-words.js'
import { addFilterOptions, type FilterOptions, filterOf } from '../alert/filter-options.js'
import { addRegionOptions, type RegionOptions, withRegion } from '../region-options.js'

interface ListOptions extends RegionOptions, FilterOptions {
  readonly ended?: true
}

/** `outrider alert list` */
export function alertListCommand(): Command {
  const command = new Command('list')
    .description('list the alerts of a region, its nodes’ and its own')
    .option('--ended', 'ended ones too, while they are remembered')
    .action(list)
  return addRegionOptions(addFilterOptions(command))
}

async function list(options: ListOptions): Promise<void> {
  await withRegion(options, async ({ client }) => {
    const filter = filterOf(options, options.ended === true)
    const alerts: outrider.v1.LiveAlert.$Properties[] = []
    let pageToken = ''
    do {
      const page = await client.call(alertMethods.list, { filter, pageToken, pageSize: 500 })
      alerts.push(...(page.alerts ?? []))
      pageToken = page.nextPageToken ?? ''
    } while (pageToken !== '')
    if (options.json) return print(JSON.stringify(alerts.map(live => encodeJson('LiveAlert', live))))
    print(alerts.length === 0 ? `no alerts${options.ended ? '' : ' are active'}` : table(alerts))
  })
}

/** Two lines each, within 80 columns: an id alone may take 40. */
function table(alerts: readonly outrider.v1.LiveAlert.$Properties[]): string {
  return alerts
    .flatMap(live => {
      const alert = live.alert ?? {}
      const state = stateOf(live)
      const left = state === 'active' ? `${duration(live.remainingMs ?? 0)} left` : state
      return [`${idOf(alert)}  revision ${alert.revision ?? 0}, ${left}`, `  ${causeOf(alert)}, ${priorityOf(alert)}, at ${placeOf(alert)}`]
    })
    .join('\n')
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
