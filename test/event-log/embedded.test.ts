import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createFileEventLog } from '@outrider/event-log'
import { nodeClock, nodeFiles } from '@outrider/spool'
import { afterAll } from 'vitest'
import { describeEventLog } from './contract.js'

const folder = mkdtempSync(path.join(os.tmpdir(), 'event-log-'))
const randomUint32 = () => randomInt(2 ** 32)
afterAll(() => rmSync(folder, { recursive: true }))

describeEventLog('embedded', ({ writer = 'test', onEvent = () => {}, ...limits }) =>
  createFileEventLog({ folder, writer, files: nodeFiles, clock: nodeClock, randomUint32, onEvent, ...limits }),
)
