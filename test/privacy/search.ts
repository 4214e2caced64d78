// Looks for words in whatever was written or said.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Words by what they are. */
export type Needles = Readonly<Record<string, string>>

/** Everything found: "what it is in where". Bytes are searched as they are: a protobuf string is one run of them. */
export function findIn(needles: Needles, where: string, content: string | Uint8Array): string[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  return Object.entries(needles).flatMap(([what, word]) => (bytes.includes(word) ? [`${what} in ${where}`] : []))
}

/** In every file below a folder; names of files count as content. @param isSearched by path within the folder */
export function findBelow(needles: Needles, folder: string, isSearched: (file: string) => boolean = () => true): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.flatMap(entry => {
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(folder, file)
    if (!isSearched(name)) return []
    return [...findIn(needles, `name of ${name}`, name), ...findIn(needles, name, readFileSync(file))]
  })
}
