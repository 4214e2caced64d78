import { Command } from 'commander'
import { runApp } from '../app-process.js'

/** `outrider central rebuild`: the central app does it, with the environment that it runs with. */
export function centralRebuildCommand(): Command {
  return new Command('rebuild')
    .description('empty central’s store and fill it again from the event log')
    .addHelpText(
      'after',
      `
The environment says which store and which event log, as for central itself (docs/central.md): DATABASE_URL or OUTRIDER_CENTRAL_DATA,
KAFKA_BROKERS or OUTRIDER_EVENT_LOG. With the embedded store, stop central first. What the event log no longer holds is not in the store
afterwards: reports are kept there a day, deliveries 30 days, alerts 5 years.`,
    )
    .action(async () => {
      process.exitCode = await runApp('central', ['--rebuild'])
    })
}
