// The table of packages in ARCHITECTURE.md against the tree: all that there are, and none that depends on what it may not import.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const rows = [
  ...readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| (0|1|2|app) +\| `([\w-]+)` +\| .*? \| ([^|]+?) +\|$/gm),
]
const table = rows.map(([, level, name, mayImport]) => ({ level: level!, name: name!, mayImport: mayImport! }))

const rulesOf = {
  'nothing of ours': () => false,
  'level 0, less `service`': (name: string) => levelOf(name) === '0' && name !== 'service',
  'levels 0 and 1, less `service`': (name: string) => ['0', '1'].includes(levelOf(name)) && name !== 'service',
  packages: (name: string) => levelOf(name) !== 'app',
} as const

function levelOf(name: string): string {
  return table.find(row => row.name === name)!.level
}

test('every package and app has its row, and every row is one', () => {
  const named = (isApp: boolean) => table.filter(({ level }) => (level === 'app') === isApp).map(({ name }) => name)
  expect(named(false).sort()).toEqual(readdirSync(path.join(root, 'packages')).sort())
  expect(named(true).sort()).toEqual(readdirSync(path.join(root, 'apps')).sort())
})

test.each(table)('$name depends on what its row allows', ({ level, name, mayImport }) => {
  const folder = path.join(root, level === 'app' ? 'apps' : 'packages', name)
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { dependencies?: object }
  const ours = Object.keys(dependencies).flatMap(dependency => /^@outrider\/(.+)$/.exec(dependency)?.[1] ?? [])
  const isAllowed = rulesOf[mayImport as keyof typeof rulesOf]
  expect(isAllowed, `what may be imported is said as ${Object.keys(rulesOf).join('; ')}`).toBeDefined()
  expect(ours.filter(dependency => !isAllowed(dependency))).toEqual([])
})

test('kafkajs, uWebSockets.js and grpc-js are imported where it says', () => {
  const importing = (library: string) =>
    ['packages', 'apps'].flatMap(parent =>
      readdirSync(path.join(root, parent)).flatMap(name =>
        readdirSync(path.join(root, parent, name, 'src'), { recursive: true, encoding: 'utf8' })
          .filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('bare/'))
          .map(file => path.join(parent, name, 'src', file))
          .filter(file => readFileSync(path.join(root, file), 'utf8').includes(`from '${library}'`)),
      ),
    )
  expect(importing('kafkajs')).toEqual(['packages/event-log/src/kafka-event-log.ts'])
  for (const library of ['uWebSockets.js', '@grpc/grpc-js']) {
    const files = importing(library)
    expect(files.filter(file => !file.startsWith('apps/'))).toEqual([])
    const apps = files.map(file => file.split('/')[1])
    expect(apps).toEqual([...new Set(apps)])
  }
})
