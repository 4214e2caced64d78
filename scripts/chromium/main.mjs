// The Chromium for browser tests, installed if it is missing and we are root: node scripts/chromium/main.mjs prints its path.
import { ensureChromium } from './chromium.mjs'

try {
  const found = ensureChromium(text => process.stderr.write(`chromium: ${text}\n`))
  if ('program' in found) process.stdout.write(`${found.program}\n`)
  else {
    process.stderr.write(`chromium: this machine lacks ${found.missing}\n`)
    process.exitCode = 1
  }
} catch (error) {
  process.stderr.write(`chromium: ${error.message}\n`)
  process.exitCode = 2
}
