// Bundles the page as a browser's application would be, and serves it.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build } from 'vite'

export interface PageServer {
  /** Where the page is from, as the browser names it to a node. */
  readonly origin: string
  stop(): Promise<void>
}

export async function servePage(): Promise<PageServer> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry: path.join(import.meta.dirname, 'vehicle-page.mjs'), formats: ['es'] } },
  })
  const [{ output }] = built as unknown as [{ output: [{ code: string }] }]
  const pages: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/': ['text/html', '<!doctype html><title>Vehicle</title><body><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', output[0].code],
  }
  const server = createServer((request, response) => {
    const page = pages[request.url ?? '']
    if (page === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': `${page[0]}; charset=utf-8` }).end(page[1])
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
