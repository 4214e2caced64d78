// The lint must refuse what ARCHITECTURE.md forbids. Each file planted here breaks one rule; a lint that lets it pass is broken.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const repository = path.resolve(import.meta.dirname, '..')
let folder = ''

const planted = [
  ['packages/geo/src/level0.ts', "import '@outrider/spool'", 'noRestrictedImports'],
  ['packages/alerts/src/sideways.ts', "import '@outrider/delivery'", 'noRestrictedImports'],
  ['packages/peer/src/sideways.ts', "import '@outrider/alerts'", 'noRestrictedImports'],
  ['packages/delivery/src/service.ts', "import '@outrider/service'", 'noRestrictedImports'],
  ['packages/zone/src/app.ts', "import '@outrider/edge'", 'noRestrictedImports'],
  ['apps/edge/src/app.ts', "import '@outrider/region'", 'noRestrictedImports'],
  ['apps/edge/src/deep.ts', "import '@outrider/zone/dist/alert-path.js'", 'noRestrictedImports'],
  ['apps/edge/src/relative.ts', "import '../../../packages/zone/src/alert-path.js'", 'noRestrictedImports'],
  ['packages/zone/src/relative.ts', "import '../../geo/src/grid.js'", 'noRestrictedImports'],
  ['apps/region/src/kafka.ts', "import 'kafkajs'", 'noRestrictedImports'],
  ['packages/zone/src/socket.ts', "import 'uWebSockets.js'", 'noRestrictedImports'],
  ['packages/uplink/src/stream.ts', "import '@grpc/grpc-js'", 'noRestrictedImports'],
  ['packages/geo/src/undeclared.ts', "import 'h3-js'", 'noUndeclaredDependencies'],
  ['packages/geo/src/cycle.ts', "import type { Other } from './other.js'\nexport type Cycle = Other", 'noImportCycles'],
  ['packages/geo/src/all.ts', "export * from './level0.js'", 'noReExportAll'],
] as const

const allowed = [
  ['packages/event-log/src/kafka-event-log.ts', "import '@outrider/spool'\nimport 'kafkajs'\n"],
  ['packages/zone/src/fine.ts', "import '@outrider/geo'\nimport '@outrider/alerts'\n"],
  ['apps/edge/src/fine.ts', "import 'uWebSockets.js'\nimport '@outrider/zone'\nimport '@outrider/service'\n"],
] as const

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outrider-lint-'))
  cpSync(path.join(repository, 'biome.json'), path.join(folder, 'biome.json'))
  writeFileSync(path.join(folder, '.gitignore'), 'node_modules/\n')
  plant('packages/geo/src/other.ts', "import type { Cycle } from './cycle.js'\nexport type Other = Cycle")
  for (const [file, text] of [...planted, ...allowed]) plant(file, text)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function plant(file: string, text: string) {
  const target = path.join(folder, file)
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, text)
}

/** Rules that the lint says a file breaks. */
function broken(): Map<string, Set<string>> {
  const biome = path.join(repository, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.']
  const result = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  const rules = new Map<string, Set<string>>()
  for (const { category, location } of JSON.parse(result.stdout).diagnostics as { category: string; location: { path: string } }[]) {
    rules.set(location.path, (rules.get(location.path) ?? new Set()).add(category.split('/').at(-1) ?? ''))
  }
  return rules
}

test('every forbidden import is refused, and allowed ones are not', () => {
  const rules = broken()
  expect(planted.filter(([file, , rule]) => !rules.get(file)?.has(rule)).map(([file]) => file)).toEqual([])
  expect(allowed.filter(([file]) => rules.get(file)?.has('noRestrictedImports')).map(([file]) => file)).toEqual([])
})
