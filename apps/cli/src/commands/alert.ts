import { Command } from 'commander'
import { alertEndCommand } from './alert-end.js'
import { alertIssueCommand } from './alert-issue.js'
import { alertLedgerCommand } from './alert-ledger.js'
import { alertListCommand } from './alert-list.js'
import { alertShowCommand } from './alert-show.js'
import { alertUpdateCommand } from './alert-update.js'
import { alertWatchCommand } from './alert-watch.js'

/** `outrider alert`: a region's alerts, for operators and partners. */
export function alertCommand(): Command {
  const alert = new Command('alert').description('issue, change, end and follow alerts of a region')
  for (const command of [
    alertIssueCommand(),
    alertUpdateCommand(),
    alertEndCommand(),
    alertListCommand(),
    alertShowCommand(),
    alertLedgerCommand(),
    alertWatchCommand(),
  ])
    alert.addCommand(command)
  return alert
}
