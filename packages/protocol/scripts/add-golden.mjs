// Adds golden bytes for messages and fields that have none yet: `npm run golden -w @outrider/protocol`, after a build.
// It never touches an entry that is there: those are what deployed vehicles and nodes send, and the test holds the code to them.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { decodeJson, encodeJson } from '../dist/index.js'
import { outrider } from '../gen/outrider.js'
import { schema } from '../gen/schema.js'

const file = path.join(import.meta.dirname, '../golden/messages.json')
const golden = JSON.parse(readFileSync(file, 'utf8'))
let added = 0

for (const name of Object.keys(schema).sort()) {
  const { fields } = schema[name]
  if (fields === undefined) continue
  golden[name] ??= []
  const entries = golden[name]
  if (entries.length === 0 && Object.keys(fields).length === 0) add(name, {})
  for (;;) {
    const covered = new Set(entries.flatMap(entry => Object.keys(entry.json)))
    const missing = Object.keys(fields).filter(field => !covered.has(field))
    if (missing.length === 0) break
    add(name, example(name, new Set(missing), 2))
  }
}
const sorted = Object.fromEntries(Object.entries(golden).sort(([one], [two]) => (one < two ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`)
process.stdout.write(`golden: ${added} added\n`)

function add(name, content) {
  const read = decodeJson(name, content)
  if (!read.ok) throw new Error(`${name}.${read.problem.field} must be ${read.problem.allowed}`)
  const hex = Buffer.from(outrider.v1[name].encode(read.message).finish()).toString('hex')
  golden[name].push({ json: encodeJson(name, read.message), hex })
  added++
}

/** Content with every field that may stand together, wanted ones first; messages in it `depth` levels down. */
function example(name, wanted, depth) {
  const { fields, oneofs = {} } = schema[name]
  const content = {}
  const taken = new Set()
  const ordered = Object.keys(fields).sort((one, two) => Number(wanted.has(two)) - Number(wanted.has(one)))
  for (const field of ordered) {
    const group = Object.keys(oneofs).find(key => !key.startsWith('_') && oneofs[key].oneof.includes(field))
    if (group !== undefined && taken.has(group)) continue
    const value = exampleValue(fields[field], depth)
    if (value === undefined) continue
    if (group !== undefined) taken.add(group)
    content[field] = fields[field].rule === 'repeated' ? [value] : value
  }
  return content
}

/** A value that differs between fields, so that two fields changing places would show. */
function exampleValue({ type, id }, depth) {
  const entry = schema[type]
  if (entry?.values !== undefined) return Object.keys(entry.values)[1 + (id % (Object.keys(entry.values).length - 1))]
  if (entry !== undefined) return depth === 0 ? undefined : example(type, new Set(), depth - 1)
  if (type === 'string') return `text-${id}`
  if (type === 'bytes') return Buffer.from([id, 0, 255]).toString('base64')
  if (type === 'bool') return true
  if (type === 'double') return 1_700_000_000_000.25 + id
  if (type === 'uint64') return String(2n ** 53n + BigInt(id))
  if (type === 'fixed32') return 0xffff_ff00 + id
  return type.startsWith('s') ? -1_000 * id : 1_000 * id
}
