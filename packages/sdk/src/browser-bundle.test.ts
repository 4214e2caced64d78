// The package as a browser's bundler sees it: no node: import, no `ws`, and it connects with nothing but the global WebSocket.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type * as sdk from './index.js'
import { startRealNode } from './real-node.fixture.js'

let code = ''
let modules: string[] = []

beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: true, lib: { entry: path.resolve(import.meta.dirname, '../dist/index.js'), formats: ['es'] } },
  })
  const [{ output }] = built as unknown as [
    { output: [{ code: string; moduleIds: string[]; imports: string[]; dynamicImports: string[] }] },
  ]
  expect(output).toHaveLength(1)
  expect([...output[0].imports, ...output[0].dynamicImports]).toEqual([])
  code = output[0].code
  modules = output[0].moduleIds
}, 60_000)

test('holds the browser’s socket and not Node’s', () => {
  expect(modules.some(id => id.endsWith('/browser-socket.js'))).toBe(true)
  expect(modules.filter(id => id.endsWith('/node-socket.js') || /node_modules\/ws\//.test(id))).toEqual([])
  expect(modules.filter(id => id.includes('__vite-browser-external') || id.startsWith('node:'))).toEqual([])
  expect(code).not.toMatch(/from\s*["']node:|import\(["']node:|require\(["']/)
})

test('stays within what a page can bear', () => {
  // Most of it is generated code of the whole wire; measured 74,525 bytes.
  expect(gzipSync(code).length).toBeLessThan(100_000)
})

const globals = globalThis as { WebSocket?: unknown }
const before = globals.WebSocket
afterAll(() => {
  globals.WebSocket = before
})

test('connects', async () => {
  globals.WebSocket = WebSocket
  const folder = await mkdtemp(path.join(tmpdir(), 'outrider-sdk-'))
  const node = await startRealNode()
  try {
    const file = path.join(folder, 'sdk.mjs')
    await writeFile(file, code)
    const bundled = (await import(pathToFileURL(file).href)) as typeof sdk
    const vehicle = await bundled.connect({ url: node.url, token: 'a.b.c' })
    expect(node.links[0]!.offered).toEqual(['outrider.v1', 'outrider.token.a.b.c'])
    await vehicle.close()
  } finally {
    await node.stop()
    await rm(folder, { recursive: true })
  }
})
