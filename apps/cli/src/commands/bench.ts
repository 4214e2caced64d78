import { Command } from 'commander'
import { runApp } from '../app-process.js'

/** `outrider bench`: hands everything, `--help` too, to the bench app. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure a scenario beside its bare baseline (outrider bench --help lists them)')
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args: string[]) => {
      process.exitCode = await runApp('bench', args)
    })
}
