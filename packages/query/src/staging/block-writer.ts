import { onPrivateFile } from './private-file.js'

/** Bytes that are written at once, at least: a write for each small piece takes as long as reading it. */
const size = 2 ** 20

/** What is needed of a `FileHandle`. */
interface BlockFile {
  writev(pieces: readonly Uint8Array[]): Promise<{ readonly bytesWritten: number }>
}

/** Writes one block while the next is made. The pieces are not copied, so nobody may change them. */
export function blockWriter(handle: BlockFile, path: string) {
  let block: Uint8Array[] = []
  let bytes = 0
  let writing = Promise.resolve()

  async function begin(): Promise<void> {
    const full = block
    block = []
    bytes = 0
    await writing
    writing = onPrivateFile(path, () => writeAll(handle, full))
    // The next write or flush throws it.
    writing.catch(() => undefined)
  }

  return {
    async write(piece: Uint8Array): Promise<void> {
      if (piece.byteLength === 0) return
      block.push(piece)
      bytes += piece.byteLength
      if (bytes >= size || block.length === mostPieces) await begin()
    },
    async flush(): Promise<void> {
      await begin()
      await writing
    },
  }
}

/** Linux writes at most 1,024 pieces at once. */
const mostPieces = 512

async function writeAll(handle: BlockFile, pieces: readonly Uint8Array[]): Promise<void> {
  for (let rest = pieces; rest.length > 0; ) {
    const { bytesWritten } = await handle.writev(rest)
    rest = after(rest, bytesWritten)
  }
}

/** The pieces without a number of first bytes. */
function after(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  return pieces.flatMap((piece) => {
    const passed = Math.min(left, piece.byteLength)
    left -= passed
    return passed === piece.byteLength ? [] : [piece.subarray(passed)]
  })
}
