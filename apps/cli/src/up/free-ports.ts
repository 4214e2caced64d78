import { once } from 'node:events'
import { createServer } from 'node:net'

/** Ports of one run; all on loopback. */
export const defaultPorts = {
  region: 7443,
  regionAdmin: 7444,
  'edge-1': 7445,
  'edge-1Admin': 7446,
  central: 7447,
  centralAdmin: 7448,
  'edge-2': 7449,
  'edge-2Admin': 7450,
  'edge-1Peer': 7451,
  'edge-2Peer': 7452,
} as const

export type Ports = Readonly<Record<keyof typeof defaultPorts, number>>

/**
 * Ports for an attempt to start: the first has the default ports where they are free, the next ones leave all to the system, which draws them
 * at random. All are held at once while they are chosen, so that no two are the same; what takes one between then and the start of its
 * process makes that process end, and the next attempt begins.
 */
export async function choosePorts(attempt: number): Promise<Ports> {
  const held = await Promise.all(
    Object.entries(defaultPorts).map(async ([name, port]) => {
      const own = attempt === 1 ? await hold(port) : undefined
      return [name, own ?? (await hold(0))!] as const
    }),
  )
  const ports = Object.fromEntries(held.map(([name, { port }]) => [name, port])) as unknown as Ports
  for (const [, { release }] of held) await release()
  return ports
}

/** Whether a process that did not begin to serve says that its port is another's: in the words of Node.js and gRPC, or of the edge. */
export function saysPortTaken(logLines: readonly string[]): boolean {
  return logLines.some(line => /EADDRINUSE|is the port taken\?/.test(line))
}

async function hold(port: number): Promise<{ readonly port: number; release(): Promise<void> } | undefined> {
  const server = createServer()
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  const { port: bound } = server.address() as { port: number }
  return {
    port: bound,
    async release() {
      server.close()
      await once(server, 'close')
    },
  }
}
