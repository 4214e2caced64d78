import path from 'node:path'
import type { Files } from './files.js'
import { readChunkBytes } from './limits.js'
import { createScanner, type RecordScanner, type Scanned } from './record-scanner.js'
import { segmentFile } from './segment-files.js'
import { decodeSegmentHeader, type SegmentHeaderResult, segmentHeaderBytes } from './segment-header.js'

/** Reads one segment file, in order, as far as it is told. */
export interface SegmentReader {
  readonly firstSequence: number
  readonly header: SegmentHeaderResult
  readonly scanner: RecordScanner
  /** How far the file has been read, in bytes. */
  readonly readBytes: number
  /** What the bytes read so far hold; `undefined`: read more. */
  next(): Scanned | undefined
  /** Reads on, not beyond byte `limit` of the file; false if there was nothing. */
  fill(limit: number): Promise<boolean>
  /** Bytes of the file now. */
  size(): Promise<number>
  close(): Promise<void>
}

export interface SegmentReaderOptions {
  readonly files: Files
  readonly folder: string
  readonly firstSequence: number
  /** The log's epoch. The segment's header may be damaged, and is not asked. */
  readonly epoch: number
  /** Records before it are skipped. */
  readonly from: number
}

export async function openSegmentReader({ files, folder, firstSequence, epoch, from }: SegmentReaderOptions): Promise<SegmentReader> {
  const file = await files.open(path.join(folder, segmentFile(firstSequence)), 'read')
  try {
    const headerBytes = Buffer.alloc(segmentHeaderBytes)
    const length = await file.read(headerBytes, 0, segmentHeaderBytes, 0)
    const header = decodeSegmentHeader(headerBytes.subarray(0, length))
    const scanner = createScanner({ epoch, firstSequence, offset: segmentHeaderBytes, from })
    let readBytes = segmentHeaderBytes
    return {
      firstSequence,
      header,
      scanner,
      get readBytes() {
        return readBytes
      },
      next: () => scanner.next(),
      async fill(limit) {
        const length = Math.min(Math.max(readChunkBytes, scanner.bytesWanted), limit - readBytes)
        if (length <= 0) return false
        const chunk = Buffer.allocUnsafeSlow(length)
        const read = await file.read(chunk, 0, length, readBytes)
        if (read === 0) return false
        readBytes += read
        scanner.push(chunk.subarray(0, read))
        return true
      },
      size: () => file.size(),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}
