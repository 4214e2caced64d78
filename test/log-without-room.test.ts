// A process whose log is on a full disk goes on: warning does not depend on recording, and least of all on the log.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'

const log = new URL('../packages/service/dist/index.js', import.meta.url).href
const program = `
  const { createLog } = await import(${JSON.stringify(log)})
  const log = createLog({ app: 'edge', instance: 'edge-1', level: 'info' })
  for (let line = 0; line < 100; line++) log.info('socket_opened', { line })
  setImmediate(() => process.stdout.write('goes on'))`

test.skipIf(!existsSync('/dev/full'))('a full disk under the log ends no process', async () => {
  const full = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', full] })
  closeSync(full)
  let out = ''
  child.stdout!.on('data', text => {
    out += text
  })
  const [code] = await once(child, 'close')
  expect({ code, out }).toEqual({ code: 0, out: 'goes on' })
})
