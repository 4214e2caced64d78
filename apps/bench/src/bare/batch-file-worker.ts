// The bare file for batches: each written at once and synced; read back as one stream of bytes.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { serveEventLog } from '../event-log-driver.js'

serveEventLog(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'outrider-bench-'))
  const name = path.join(folder, 'bare.log')
  const file = await open(name, 'a')
  return {
    async append(values) {
      await file.write(Buffer.concat(values))
      await file.datasync()
    },
    async read() {
      let bytes = 0
      for await (const chunk of createReadStream(name)) bytes += (chunk as Buffer).length
      if (bytes !== (await file.stat()).size) throw new Error('the bare file was not read whole')
    },
    async stop() {
      await file.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
