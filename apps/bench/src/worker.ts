// The other side of a benchmark runs in a process of its own, so that its CPU time is its own and nothing it leaves in the heap
// is met by the next run. Commands go over the channel that fork() opens; each command has one answer.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** CPU time (user + system) and memory of a worker, taken by the worker itself. */
export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
}

export interface Worker {
  /** Sends a command and waits for its answer; rejects if the worker dies first. */
  ask<Answer>(command: string, argument?: unknown): Promise<Answer>
  stop(): Promise<void>
}

/** Commands a worker serves: name → what to do with the argument. */
export type Commands = Readonly<Record<string, (argument: never) => unknown>>

/** Starts a built module of this app as a worker. `options` reaches it as its first argument, as JSON. */
export function startWorker(module: URL, options: unknown): Worker {
  const child = fork(module, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let lastId = 0
  return {
    ask: (command, argument) => ask(child, { id: ++lastId, command, argument }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

function ask<Answer>(child: ChildProcess, request: { id: number; command: string; argument: unknown }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: { id: number; answer?: Answer; error?: string }) => {
      if (message.id !== request.id) return
      settle()
      if (message.error === undefined) resolve(message.answer as Answer)
      else reject(new Error(`${request.command}: ${message.error}`))
    }
    const onExit = (code: number | null, signal: string | null) => {
      settle()
      reject(new Error(`the worker ended (${signal ?? code}) before it answered ${request.command}`))
    }
    const settle = () => child.off('message', onMessage).off('exit', onExit)
    child.on('message', onMessage).on('exit', onExit)
    child.send(request)
  })
}

/** Inside a worker: serves its commands until the parent is gone. `usage` is served by every worker. */
export function serveCommands(commands: Commands): void {
  const served: Commands = { ...commands, usage: readUsage }
  process.on('message', async ({ id, command, argument }: { id: number; command: string; argument: never }) => {
    try {
      process.send?.({ id, answer: await served[command]!(argument) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.message : String(error) })
    }
  })
  process.on('disconnect', () => process.exit(0))
}

/** Inside a worker: the options its parent started it with. */
export function workerOptions<Options>(): Options {
  return JSON.parse(process.argv[2] ?? '{}')
}

export function readUsage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() }
}
