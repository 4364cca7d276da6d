import { isBackupError } from '../errors.js'
import { fileKey } from '../format/layout.js'
import { objectKindOf } from '../format/object-kind.js'
import { sha256 } from '../format/sha256.js'
import { largestBlock, type ReadContext } from '../format/stored-part.js'
import type { Part } from '../manifest.js'
import { rechunk } from '../streams/bytes.js'

/** Stored bytes of a part, and whether they are those that were written. */
export interface StoredBlock {
  /** Offset of the first byte in the stored part. */
  readonly from: number
  readonly bytes: Uint8Array
  readonly intact: boolean
}

/** Every block of a part that is still there, damaged or not. A part that is missing has none. */
export async function* storedBlocks(context: ReadContext, part: Part): AsyncGenerator<StoredBlock> {
  const { blockBytes, blocks } = part
  if (blockBytes > largestBlock) return
  const call = { signal: context.signal, kind: objectKindOf(part) }
  const stored = context.driver.get(fileKey(context.directory, part.file), call)
  let from = 0
  try {
    for await (const bytes of rechunk(stored, blockBytes)) {
      const recorded = blocks[from / blockBytes]
      if (recorded === undefined) return
      yield { from, bytes, intact: sha256(bytes) === recorded }
      from += bytes.byteLength
    }
  } catch (error) {
    if (!isBackupError(error, 'not_found')) throw error
  }
}
