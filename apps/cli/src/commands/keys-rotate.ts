import path from 'node:path'
import { keyFolderFiles } from '@outrider/identity'
import { Command } from 'commander'
import { durationOption } from '../duration-option.js'
import { openFolder, withKeyErrors } from './keys-folder.js'

interface RotateOptions {
  readonly activateAfter: number
  readonly json?: true
}

/** `outrider keys rotate` */
export function rotateCommand(): Command {
  return new Command('rotate')
    .description('add a signing key; old ones go once their last tokens are dead')
    .argument('<dir>', 'key folder')
    .addOption(
      durationOption('--activate-after <duration>', 'time to get jwks.json to the nodes before the new key signs', {
        min: '0s',
        max: '30d',
        fallback: '1m',
      }),
    )
    .option('--json', 'print the result as an object')
    .addHelpText(
      'after',
      '\nNodes read jwks.json again by themselves. A key goes 24 hours and 5 minutes after its successor began to sign, with the next rotation.',
    )
    .action(withKeyErrors(rotate))
}

async function rotate(dir: string, { activateAfter, json }: RotateOptions): Promise<void> {
  const { added, pruned } = await (await openFolder(dir)).rotate(activateAfter)
  const signsFrom = new Date(added.signsFromMs).toISOString()
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ keyId: added.keyId, signsFrom, pruned })}\n`)
    return
  }
  const lines = [
    `New key ${added.keyId}, signs from ${signsFrom}`,
    ...pruned.map(keyId => `Gone    ${keyId}, its last tokens are dead`),
    `Next: get ${path.join(dir, keyFolderFiles.keySet.path)} to every edge node before then; they read it without a restart.`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
