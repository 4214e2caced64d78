#!/usr/bin/env node
// The committed entry of the `outrider` command: builds what changed, then hands over to the built program.
import { isSupported } from '../../../scripts/node-version.mjs'
import { setUp } from '../../../scripts/setup.mjs'

if (!isSupported(process.versions.node)) {
  process.stderr.write(
    `outrider: needs Node 20.19+ or 22 (uWebSockets.js has no binary for ${process.versions.node}); install Node 22 and run it again\n`,
  )
  process.exit(1)
}
setUp()
const { main } = await import('../dist/main.js')
await main(process.argv)
