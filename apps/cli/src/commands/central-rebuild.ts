import { Command } from 'commander'
import { runApp } from '../app-process.js'

const helpText = `
Flags and environment are those of outrider central: they say which store and which event log. With the embedded store, stop central first.
What the event log no longer holds is not in the store afterwards: reports are kept there a day, deliveries 30 days, alerts 5 years.
`

/** Flags of `outrider central` that mean something here, by the variable each sets. */
const variables = {
  name: 'OUTRIDER_CENTRAL_NAME',
  data: 'OUTRIDER_CENTRAL_DATA',
  eventLog: 'OUTRIDER_EVENT_LOG',
  logLevel: 'OUTRIDER_LOG_LEVEL',
} as const

type Flags = { readonly [Flag in keyof typeof variables]?: string } & { readonly help?: true }

/** `outrider central rebuild`: the app does it. Its flags are parsed by `central`, above it, and so is --help. */
export function centralRebuildCommand(): Command {
  return new Command('rebuild')
    .description('empty the store and fill it again from the event log')
    .helpOption(false)
    .action(async (_options: unknown, command: Command) => {
      const { help, ...flags } = command.optsWithGlobals<Flags>()
      if (help) {
        process.stdout.write(`${command.helpInformation()}${helpText}`)
        return
      }
      const given = Object.entries(variables).flatMap(([flag, variable]) => {
        const value = flags[flag as keyof typeof variables]
        return value === undefined ? [] : [[variable, value] as const]
      })
      process.exitCode = await runApp('central', ['--rebuild'], Object.fromEntries(given))
    })
}
