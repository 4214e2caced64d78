import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { nodeFiles } from '@outrider/spool'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSmallFile } from './small-file.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'small-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the last content is read, also by others and after a restart', async () => {
  const file = path.join(folder, 'a', 'b')
  expect(await createSmallFile(nodeFiles, file).read()).toBeUndefined()
  for (const content of ['1', 'two', '', '22222', 'five']) {
    const writing = createSmallFile(nodeFiles, file)
    await writing.write(`before ${content}`, { sync: false })
    await writing.write(content)
    expect(await writing.read()).toBe(content)
    await writing.close()
    expect(await createSmallFile(nodeFiles, file).read()).toBe(content)
  }
  await expect(createSmallFile(nodeFiles, file).write('x'.repeat(300))).rejects.toThrow(/300 bytes; at most/)
})

test('a write cut anywhere leaves the content before it, or the new one, never another', async () => {
  const file = path.join(folder, 'f')
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 5 }), fc.nat(255), fc.nat(255), async (writes, keep, rubbish) => {
      rmSync(file, { force: true })
      const writing = createSmallFile(nodeFiles, file)
      for (let n = 1; n < writes; n++) await writing.write(`content ${n}`)
      const before = readFileSync(file)
      await writing.write(`content ${writes}`)
      await writing.close()
      const after = readFileSync(file)
      const at = (writes % 2) * 256
      const torn = Buffer.from(after)
      // Of the slot being written only the first bytes arrived; the rest is as before, or rubbish where there was nothing.
      for (let i = at + keep; i < at + 256; i++) torn[i] = i < before.length ? before[i]! : rubbish
      writeFileSync(file, torn)
      expect([`content ${writes - 1}`, `content ${writes}`]).toContain(await createSmallFile(nodeFiles, file).read())
    }),
    { numRuns: 60, seed: 3 },
  )
})

test('if neither slot is whole it says so', async () => {
  const file = path.join(folder, 'f')
  writeFileSync(file, 'rubbish')
  expect(await createSmallFile(nodeFiles, file).read()).toBe('damaged')
})
