// The bare file: one buffer filled while the other is written and synced, no check, no header, no reader.
import { open } from 'node:fs/promises'
import path from 'node:path'
import { type DurableLog, serveDurable } from '../durable-driver.js'

/** Bytes that wait while a sync runs; at 200 bytes a record 5,000 of them, far more than the driver has in flight at the rates measured. */
const bufferBytes = 1 << 20

serveDurable(async folder => {
  const file = await open(path.join(folder, 'bare.log'), 'a')
  let filling = Buffer.alloc(bufferBytes)
  let writing = Buffer.alloc(bufferBytes)
  let filledBytes = 0
  let appended = 0
  let synced = 0
  let running: Promise<void> | undefined
  let waiting: { sequence: number; resolve: () => void }[] = []

  const commit = async () => {
    while (filledBytes > 0) {
      ;[filling, writing] = [writing, filling]
      const [bytes, through] = [filledBytes, appended]
      filledBytes = 0
      await file.write(writing, 0, bytes)
      await file.datasync()
      synced = through
      const due = waiting
      waiting = []
      for (const one of due)
        if (one.sequence <= synced) one.resolve()
        else waiting.push(one)
    }
    running = undefined
  }

  const log: DurableLog = {
    append(record) {
      if (filledBytes + record.length > bufferBytes) throw new Error('the bare file fell behind: lower --rate')
      filling.set(record, filledBytes)
      filledBytes += record.length
      running ??= new Promise<void>(resolve => setImmediate(resolve)).then(commit)
      return ++appended
    },
    whenSynced(sequence) {
      if (sequence <= synced) return Promise.resolve()
      return new Promise(resolve => waiting.push({ sequence, resolve }))
    },
    async stop() {
      await running
      await file.close()
    },
  }
  return log
})
