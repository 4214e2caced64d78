// The broker of the tests itself: it does not outlive whoever started it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'
import { startBroker } from '../../scripts/kafka-broker/broker.mjs'

const module = new URL('../../scripts/kafka-broker/broker.mjs', import.meta.url).href

describe.skipIf(inject('kafka').own === undefined)('the broker', () => {
  test('is gone, data included, when its parent was killed with -9', async () => {
    const script = `import { startBroker } from ${JSON.stringify(module)}
      const broker = await startBroker()
      console.log(JSON.stringify({ pid: broker.pid, log: broker.logFile }))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(parent.stdout, 'data')
    const { pid, log } = JSON.parse(String(line))
    process.kill(pid, 0)
    process.kill(parent.pid!, 'SIGKILL')
    // No time limit of our own: it is the test's.
    while (isAlive(pid) || existsSync(path.dirname(log))) await sleep(20)
  })

  test('does not take another’s port for its own', async () => {
    const server = net.createServer(socket => socket.on('data', data => socket.write(data))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as net.AddressInfo
    await expect(startBroker({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    server.close()
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
