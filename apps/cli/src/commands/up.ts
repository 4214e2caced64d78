import { Command } from 'commander'
import { CliError, exitCodes } from '../cli-error.js'

/** `outrider up`: what `npm start` runs. */
export function upCommand(): Command {
  return new Command('up')
    .description('run the whole service on this machine (not built yet)')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new CliError(
        exitCodes.failed,
        'nothing to run yet: zones, region and central are not built yet (ARCHITECTURE.md says what comes). What stands: outrider --help',
      )
    })
}
