// Generates gen/ from the protos: the codec (static code of protobufjs) and the schema (names and types, for the JSON twin).
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import pbjs from 'protobufjs-cli/pbjs.js'

const folder = path.dirname(import.meta.dirname)
const protoRoot = path.resolve(folder, '../../proto')
const gen = path.join(folder, 'gen')
const sources = readdirSync(path.join(protoRoot, 'outrider/v1'))
  .sort()
  .map(name => path.join(protoRoot, 'outrider/v1', name))
const generate = promisify(pbjs.main)

// biome-ignore format: one switch beside the next reads as the command line it is
const staticCode = ['-t', 'static-module', '-w', 'esm', '--dts', '--alt-comment',
  '--no-verify', '--no-delimited', '--no-convert', '--no-typeurl', '--no-service']

mkdirSync(gen, { recursive: true })
await generate([...staticCode, '-p', protoRoot, '-o', path.join(gen, 'outrider.js'), ...sources])

const bundle = JSON.parse(await generate(['-t', 'json', '-p', protoRoot, ...sources]))
const schema = bundle.nested.outrider.nested.v1.nested
writeFileSync(path.join(gen, 'schema.js'), `export const schema = ${JSON.stringify(schema, null, 1)}\n`)
writeFileSync(path.join(gen, 'schema.d.ts'), declaration())

/** The parts of pbjs's JSON bundle that we read. */
function declaration() {
  return `export interface FieldEntry {
  readonly type: string
  readonly id: number
  readonly rule?: 'repeated'
  readonly protoName?: string
  readonly options?: { readonly proto3_optional?: boolean }
}
export interface SchemaEntry {
  readonly fields?: Readonly<Record<string, FieldEntry>>
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>
  readonly values?: Readonly<Record<string, number>>
}
/** Messages and enums of outrider.v1 by name; services have neither fields nor values. */
export declare const schema: Readonly<Record<string, SchemaEntry>>
`
}
