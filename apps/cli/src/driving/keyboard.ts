import type { ReadStream } from 'node:tty'

/** Single keys of a terminal; nothing where there is none. Ctrl-C stays Ctrl-C. */
export function listenToKeys(stream: NodeJS.ReadStream, keys: Readonly<Record<string, () => void>>): { stop(): void } {
  if (!stream.isTTY) return { stop: () => undefined }
  const terminal = stream as ReadStream
  const onData = (data: Buffer) => {
    for (const key of data.toString()) {
      // In raw mode the terminal sends no signal for it.
      if (key === '\u0003') process.kill(process.pid, 'SIGINT')
      else keys[key]?.()
    }
  }
  terminal.setRawMode(true)
  terminal.resume()
  terminal.on('data', onData)
  return {
    stop() {
      terminal.off('data', onData)
      terminal.setRawMode(false)
      terminal.pause()
    },
  }
}
