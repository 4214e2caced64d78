import { Command } from 'commander'
import { certificateCommand } from './keys-certificate.js'
import { initCommand } from './keys-init.js'
import { listCommand } from './keys-list.js'
import { rotateCommand } from './keys-rotate.js'
import { tokenCommand } from './keys-token.js'

/** `outrider keys`: an authority's keys, from the first folder to the next rotation. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('make and rotate keys, vehicle tokens and certificates')
  for (const command of [initCommand(), tokenCommand(), rotateCommand(), certificateCommand(), listCommand()]) keys.addCommand(command)
  return keys
}
