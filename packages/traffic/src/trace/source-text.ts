import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { TrafficError } from '../traffic-error.js'

/** Bytes or text in pieces of any size: a file's read stream, an array, an HTTP body. */
export type TraceSource = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>

/** What is handed on at a time, so that one large piece does not become one large batch of rows. */
const pieceBytesMax = 65_536

export interface SourceText {
  /** Known once the first piece was asked for. */
  isGzip(): boolean
  /** True if gzip data was damaged or cut off; what came before was handed on. */
  isDamaged(): boolean
  readonly pieces: AsyncIterable<string>
}

/** Text of a source, unpacked if its first two bytes are gzip's, decoded as UTF-8 (a byte order mark is dropped, broken bytes become U+FFFD). */
export function sourceText(source: TraceSource): SourceText {
  let gzip = false
  let damaged = false

  async function* pieces() {
    const bytes = smallPieces(source)
    const head = await firstBytes(bytes)
    gzip = head[0] === 0x1f && head[1] === 0x8b
    const decoder = new TextDecoder('utf-8')
    const whole = joined(head, bytes)
    for await (const piece of gzip ? unpacked(whole) : whole) yield decoder.decode(piece, { stream: true })
    yield decoder.decode()
  }

  async function* unpacked(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const gunzip = createGunzip()
    // The outcome reaches us by iterating gunzip, which pipeline destroys with the source's error.
    pipeline(Readable.from(packed), gunzip, () => undefined)
    try {
      yield* gunzip as AsyncIterable<Uint8Array>
    } catch (error) {
      if (error instanceof TrafficError) throw error
      damaged = true
    }
  }

  return { isGzip: () => gzip, isDamaged: () => damaged, pieces: { [Symbol.asyncIterator]: pieces } }
}

async function* smallPieces(source: TraceSource): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const piece of source) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
      for (let start = 0; start < bytes.length; start += pieceBytesMax) yield bytes.subarray(start, start + pieceBytesMax)
    }
  } catch (error) {
    throw new TrafficError('source_failed', `reading failed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

/** At least two bytes, if there are as many: a source may come one at a time. */
async function firstBytes(bytes: AsyncGenerator<Uint8Array, void, void>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array()
  while (head.length < 2) {
    const next = await bytes.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}
