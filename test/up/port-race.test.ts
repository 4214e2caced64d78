// A port that was free when it was chosen may be another's when the process begins: then all starts again on others.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { choosePorts, type Ports } from '../../apps/cli/dist/up/free-ports.js'
import { runUp } from '../../apps/cli/dist/up/run-up.js'

const taken: Server[] = []
let folder = ''

afterEach(() => {
  for (const server of taken.splice(0)) server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs until everything serves. @param losing the port that another process takes first, by attempt */
async function upLosing(losing: readonly (keyof Ports)[]): Promise<{ readonly said: string[]; readonly attempts: number }> {
  folder = await mkdtemp(path.join(tmpdir(), 'outrider-up-'))
  const said: string[] = []
  let attempts = 0
  let stop = () => {}
  await runUp({
    folder: path.join(folder, 'data'),
    fresh: false,
    forMs: undefined,
    city: undefined,
    // It goes on until stopped, and is stopped once it runs.
    screen: { show: ({ phase }) => phase === 'running' && stop(), say: text => void said.push(text), end: () => {} },
    signals: {
      onStop(call) {
        stop = call
      },
      onKill: () => {},
      release: () => {},
    },
    async choosePorts() {
      // Never the default ones, which somebody may use on this machine.
      const ports = await choosePorts(2)
      const lost = losing[attempts++]
      if (lost !== undefined) {
        const server = createServer().listen(ports[lost], '127.0.0.1')
        await once(server, 'listening')
        taken.push(server)
      }
      return ports
    },
    environment: { PATH: process.env.PATH },
  })
  return { said, attempts }
}

it.each<[keyof Ports, keyof Ports, RegExp]>([
  ['region', 'edge-1', /a port of (region-1|edge-1) was taken/],
  ['central', 'edge-2Admin', /a port of (central|edge-2) was taken/],
])('lost to others, first %s and then %s', async (first, second, words) => {
  const { said, attempts } = await upLosing([first, second])
  expect(attempts).toBe(3)
  expect(said.filter(text => words.test(text))).toHaveLength(2)
})

it('that another takes three times ends it, with what the process said', async () => {
  await expect(upLosing(['regionAdmin', 'regionAdmin', 'regionAdmin'])).rejects.toThrow(/region-1 ended by itself.*[\s\S]*EADDRINUSE/)
})
