import { randomInt } from 'node:crypto'
import { createSpool, nodeClock, nodeFiles } from '@outrider/spool'
import { serveDurable } from './durable-driver.js'

serveDurable(async folder => {
  const spool = createSpool({ folder, files: nodeFiles, clock: nodeClock, randomUint32: () => randomInt(2 ** 32) })
  await spool.start()
  return {
    append(record) {
      const sequence = spool.append(record)
      if (typeof sequence !== 'number') throw new Error(`the spool refused a record: ${sequence.refused}`)
      return sequence
    },
    whenSynced: sequence => spool.whenSynced(sequence),
    stop: () => spool.stop(),
  }
})
