import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createLineWriter } from './line-writer.js'

test('while there is no room lines are lost and counted; nothing is thrown, and a cut line stays alone', () => {
  let room = 8
  let text = ''
  const lost: number[] = []
  const lines = createLineWriter(
    bytes => {
      if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      const some = bytes.subarray(0, room)
      room -= some.length
      text += Buffer.from(some).toString()
      return some.length
    },
    count => lost.push(count),
  )
  lines.write('first\n')
  lines.write('second\n')
  lines.write('third\n')
  expect({ text, lost }).toEqual({ text: 'first\nse', lost: [] })
  room = 100
  lines.write('fourth\n')
  lines.write('fifth\n')
  expect({ text, lost }).toEqual({ text: 'first\nse\nfourth\nfifth\n', lost: [2] })
})

test.skipIf(!existsSync('/dev/full'))('a device without room, and a descriptor that is closed', () => {
  const full = openSync('/dev/full', 'w')
  const lines = createLineWriter(
    bytes => writeSync(full, bytes),
    () => {},
  )
  expect(() => lines.write('x\n')).not.toThrow()
  closeSync(full)
  expect(() => lines.write('x\n')).not.toThrow()
})
