import { Command } from 'commander'
<<<<<<< HEAD
import { benchCommand } from './commands/bench.js'
import { keysCommand } from './commands/keys.js'
=======
import { spoolCommand } from './commands/spool.js'
>>>>>>> 4354750cbe12d67c090507a8d8b10c385e4414c4
import { upCommand } from './commands/up.js'

/** The whole command line: one file under `commands/` per group, in the order help shows them. */
export function createProgram(): Command {
  const program = new Command('outrider')
    .description('Low-latency edge-zone alert service for connected vehicles')
    .version('0.1.0', '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      '\nExit codes: 0 done · 1 failed · 2 wrong flag, argument, file or environment value · 3 not reachable or refused',
    )
<<<<<<< HEAD
  for (const command of [upCommand(), benchCommand(), keysCommand()]) program.addCommand(command)
  for (const command of withSubcommands(program)) command.exitOverride().showHelpAfterError('(add --help for what is allowed)')
=======
  for (const command of [upCommand(), spoolCommand()]) program.addCommand(command)
  for (const command of withSubcommands(program)) command.exitOverride()
  return program
}

/** `command` and all below it. */
function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
>>>>>>> 4354750cbe12d67c090507a8d8b10c385e4414c4
