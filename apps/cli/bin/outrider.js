#!/usr/bin/env node
// The committed entry of the `outrider` command: builds what changed, then hands over to the built program.
import { setUp } from '../../../scripts/setup.mjs'

setUp()
const { main } = await import('../dist/main.js')
await main(process.argv)
